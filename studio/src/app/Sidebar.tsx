import { useMemo, useState } from "preact/hooks";
import { Link, useLocation } from "wouter-preact";
import { get, type TableName, type TableSummary } from "../api";
import { pageOf, short } from "../parts/format";
import { tableIn } from "../parts/useTable";
import { useShared } from "./context";
import { useAsked } from "./useAsked";

interface TenantCounts { tables: (TableName & { rows: number | null; exact: boolean })[] }

/** All tables by schema, to be found by name; with the tenant lens on, how many rows of the tenant each has. */
export function Sidebar() {
  const { overview, tenant, reload } = useShared();
  const [wanted, setWanted] = useState("");
  const counts = useTenantCounts(tenant?.key ?? null);
  const schemas = useMemo(() => grouped(overview.tables, wanted), [overview, wanted]);
  return (
    <nav class="sidebar" aria-label="Tables">
      <div class="find">
        <input type="search" aria-label="Find a table" placeholder="Find a table" value={wanted}
          onInput={(event) => setWanted(event.currentTarget.value)} />
        <button type="button" class="quiet" onClick={reload} title="Read the schema again" aria-label="Read the schema again">⟳</button>
      </div>
      {schemas.map(([schema, tables]) => (
        <section key={schema} aria-label={`Schema ${schema}`}>
          <h2>{schema}</h2>
          <ul>{tables.map((table) => <Entry key={table.name} table={table} count={tenant ? counts.get(keyOf(table)) : undefined} />)}</ul>
        </section>
      ))}
      {schemas.length === 0 && <p class="muted">{overview.tables.length ? "No table has this name." : "There is no table yet."}</p>}
    </nav>
  );
}

function Entry(props: { table: TableSummary; count: number | null | undefined }) {
  const { table, count } = props;
  const { tenant } = useShared();
  const [path] = useLocation();
  const page = path.startsWith("/structure/") ? "structure" : "data";
  const shown = tableIn(window.location.pathname);
  const here = shown?.schema === table.schema && shown.name === table.name;
  const shared = tenant !== null && !table.tenant;
  const rows = tenant && table.tenant ? count : table.rows;
  return (
    <li class={shared ? "shared" : ""}>
      <Link href={pageOf(page, table)} aria-current={here ? "page" : undefined} title={table.comment ?? table.name}>
        <span class="name">{table.name}</span>
        {table.kind !== "table" && <span class="kind">{table.kind === "materialized view" ? "mat. view" : table.kind}</span>}
        <span class="count">{shared ? "shared" : rows === null || rows === undefined ? "" : short(rows)}</span>
      </Link>
    </li>
  );
}

function useTenantCounts(tenant: string | null): Map<string, number | null> {
  const asked = useAsked(tenant, (signal) => get<TenantCounts>("tenant_counts", { tenant }, signal));
  return useMemo(() => new Map((asked.answer?.tables ?? []).map((each) => [keyOf(each), each.rows])), [asked.answer]);
}

function keyOf(table: TableName): string {
  return JSON.stringify([table.schema, table.name]);
}

/** Tables by schema: the own ones first, the history's last; partitions stand with their parents and are left out. */
function grouped(tables: TableSummary[], wanted: string): [string, TableSummary[]][] {
  const found = new Map<string, TableSummary[]>();
  const needle = wanted.trim().toLowerCase();
  for (const table of tables) {
    if (needle ? !`${table.schema}.${table.name}`.toLowerCase().includes(needle) : table.kind === "partition") continue;
    found.set(table.schema, [...(found.get(table.schema) ?? []), table]);
  }
  const rank = (schema: string) => (schema === "public" ? 0 : schema === "mizzle" ? 2 : 1);
  return [...found].sort(([a], [b]) => rank(a) - rank(b) || a.localeCompare(b));
}
