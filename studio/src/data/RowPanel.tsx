import { lazy, Suspense } from "preact/compat";
import { useEffect, useRef, useState } from "preact/hooks";
import { Link } from "wouter-preact";
import { get, type Cell, type Column, type Count, type Filter, type Table, type TableName } from "../api";
import { useAsked } from "../app/useAsked";
import { announce, copyText } from "../parts/copy";
import { bytes, pageOf, rowCount, titled } from "../parts/format";
import { ProblemBox } from "../parts/Problem";
import { writeAsked } from "./asked";
import { linkOf } from "./links";
import { previewed } from "./preview";

const JsonTree = lazy(() => import("../json/JsonTree").then((found) => ({ default: found.JsonTree })));

interface Whole {
  row: Cell[];
  inbound: (Count & { name: string; table: TableName; filters: Filter[] })[];
}

/** One row whole: every value, what it refers to, and what refers to it. */
export function RowPanel(props: { table: Table; rowKey: string[]; focus: string; version: number; onClose(): void; onEdit?: ((row: Cell[]) => void) | undefined }) {
  const { table, rowKey } = props;
  const key = JSON.stringify(rowKey);
  const asked = useAsked(`${table.schema} ${table.name} ${key} ${props.version}`, (signal) =>
    get<Whole>("row", { schema: table.schema, table: table.name, key }, signal));
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), [key]);
  const whole = asked.answer;
  return (
    <aside class="row-panel" aria-label="Row">
      <header>
        <h2 ref={heading} tabIndex={-1}>{titled(table)}</h2>
        {props.onEdit && whole && <button type="button" onClick={() => props.onEdit?.(whole.row)}>Edit</button>}
        <button type="button" class="quiet" aria-label="Close the row" onClick={props.onClose}>✕</button>
      </header>
      {asked.problem && <ProblemBox problem={asked.problem} />}
      {whole && (
        <dl class="fields">
          {table.columns.map((column, at) => (
            <Field key={column.name} table={table} column={column} row={whole.row} cell={whole.row[at] ?? null} rowKey={key} open={column.name === props.focus} />
          ))}
        </dl>
      )}
      {whole && whole.inbound.length > 0 && (
        <section aria-label="Referred to by">
          <h3>Referred to by</h3>
          <ul class="inbound">
            {whole.inbound.map((each) => (
              <li key={`${each.table.schema}.${each.table.name}.${each.name}`}>
                <Link href={pageOf("data", each.table, writeAsked({ filters: each.filters }))}>{titled(each.table)}</Link>
                <span class="muted"> by {each.filters.map((filter) => filter.column).join(", ")}: {rowCount(each.rows, each.exact)}</span>
              </li>
            ))}
          </ul>
        </section>
      )}
    </aside>
  );
}

function Field(props: { table: Table; column: Column; row: Cell[]; cell: Cell; rowKey: string; open: boolean }) {
  const { table, column, row, cell } = props;
  const [whole, setWhole] = useState<string | null>(null);
  const place = useRef<HTMLElement>(null);
  useEffect(() => { if (props.open) place.current?.scrollIntoView({ block: "nearest" }); }, [props.open]);
  const isCut = cell !== null && typeof cell !== "string" && whole === null;
  const text = whole ?? (cell === null ? null : typeof cell === "string" ? cell : cell.text);
  async function fetchWhole(): Promise<string | null> {
    if (!isCut) return text;
    const found = await get<{ value: string | null }>("value", { schema: table.schema, table: table.name, key: props.rowKey, column: column.name });
    setWhole(found.value);
    return found.value;
  }
  function copy() {
    fetchWhole().then((found) => copyText(found ?? ""), (error: unknown) => announce(String(error instanceof Error ? error.message : error)));
  }
  return (
    <div class={props.open ? "opened" : ""} ref={(found) => { place.current = found; }}>
      <dt>
        {column.name} <span class="muted">{column.type}</span>
        <button type="button" class="quiet small" onClick={copy} aria-label={`Copy ${column.name}`}>copy</button>
      </dt>
      <dd>
        <Value table={table} column={column} row={row} text={text} isCut={isCut} />
        {isCut && typeof cell !== "string" && cell !== null && (
          <button type="button" onClick={() => void fetchWhole().catch((error: unknown) => announce(String(error instanceof Error ? error.message : error)))}>
            Show all {bytes(cell.cut)}
          </button>
        )}
      </dd>
    </div>
  );
}

function Value(props: { table: Table; column: Column; row: Cell[]; text: string | null; isCut: boolean }) {
  const { table, column, row, text } = props;
  if (text === null) return <span class="null">NULL</span>;
  if (text === "") return <span class="empty">{props.isCut ? "…" : "empty"}</span>;
  const link = linkOf(table, column, row);
  if (link) {
    return <Link href={link.href} ref={(found: EventTarget | null) => { if (found instanceof HTMLAnchorElement) previewed(found, link.reference.table, link.filters); }}>{text}</Link>;
  }
  if (column.kind === "json" && !props.isCut) {
    return <Suspense fallback={<pre>{text}</pre>}><JsonTree text={text} label={column.name} /></Suspense>;
  }
  if (column.kind === "enum") return <span class="badge">{text}</span>;
  const isMono = ["uuid", "bytea", "array", "other", "json"].includes(column.kind);
  return <div class={`value ${isMono ? "mono" : ""}`} tabIndex={text.length > 500 ? 0 : undefined}>{text}</div>;
}
