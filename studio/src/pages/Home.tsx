import { Link } from "wouter-preact";
import { useShared } from "../app/context";
import { bytes, pageOf, short, titled } from "../parts/format";

/** All tables, with their sizes. */
export function Home() {
  const { overview } = useShared();
  const tables = overview.tables.filter((each) => each.kind !== "partition");
  const total = tables.reduce((sum, each) => sum + each.bytes, 0);
  return (
    <div class="page">
      <h1>{overview.database}</h1>
      <p class="muted">{tables.length} tables and views, {bytes(total)} with indexes. Numbers of rows are PostgreSQL's estimates.</p>
      <div class="scroll" role="region" aria-label="All tables" tabIndex={0}>
        <table class="list">
          <thead><tr><th scope="col">Table</th><th scope="col">Kind</th><th scope="col" class="number">Rows</th><th scope="col" class="number">Size</th><th scope="col">Comment</th></tr></thead>
          <tbody>
            {tables.map((table) => (
              <tr key={`${table.schema}.${table.name}`}>
                <th scope="row"><Link href={pageOf("data", table)}>{titled(table)}</Link></th>
                <td>{table.kind}{table.tenant && <span class="badge plain">tenant</span>}</td>
                <td class="number">{table.rows === null ? "" : short(table.rows)}</td>
                <td class="number">{table.bytes ? bytes(table.bytes) : ""}</td>
                <td class="comment">{table.comment}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}
