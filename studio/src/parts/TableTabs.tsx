import { Link, useLocation } from "wouter-preact";
import type { TableName } from "../api";
import { pageOf, titled } from "./format";

/** The name of a table, and its two pages. */
export function TableTabs(props: { table: TableName; comment: string | null }) {
  const [path] = useLocation();
  return (
    <div class="tabs">
      <h1>{titled(props.table)}</h1>
      <nav aria-label="Pages of the table">
        <Link href={pageOf("data", props.table)} aria-current={path.startsWith("/data/") ? "page" : undefined}>Rows</Link>
        <Link href={pageOf("structure", props.table)} aria-current={path.startsWith("/structure/") ? "page" : undefined}>Structure</Link>
        <Link href={`/diagram?focus=${encodeURIComponent(JSON.stringify([props.table.schema, props.table.name]))}`}>Diagram</Link>
      </nav>
      {props.comment && <p class="muted">{props.comment}</p>}
    </div>
  );
}
