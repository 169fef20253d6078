import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import { useLocation, useSearch } from "wouter-preact";
import { get, query, type Cell, type Column, type Count, type Page, type Place, type Table } from "../api";
import { useShared } from "../app/context";
import { useSettled } from "../app/TenantPicker";
import { useAsked } from "../app/useAsked";
import { duration, pageOf, rowCount, titled } from "../parts/format";
import { ProblemBox } from "../parts/Problem";
import { TableTabs } from "../parts/TableTabs";
import { useTable } from "../parts/useTable";
import { asParams, readAsked, writeAsked, type AskedRows } from "./asked";
import { CopyMenu, ExportMenu, ColumnMenu } from "./menus";
import { Filters } from "./Filters";
import { Grid } from "./Grid";
import { linkOf } from "./links";
import { closePreview, previewed } from "./preview";
import { RowPanel } from "./RowPanel";
import { EditDialog, type Editing } from "../edit/EditDialog";
import "./data.css";

const SIZES = [50, 100, 200, 500, 1000];
const PATIENCE = 60;

/** The rows of one table. */
export default function DataPage() {
  const { schema, name } = useTable();
  const { overview } = useShared();
  const table = useAsked(`${schema} ${name} ${overviewKey(overview)}`, (signal) => get<Table>("table", { schema, table: name }, signal));
  const isIt = table.answer?.schema === schema && table.answer.name === name;
  return (
    <div class="page data">
      <TableTabs table={{ schema, name }} comment={isIt ? (table.answer?.comment ?? null) : null} />
      {table.problem && <ProblemBox problem={table.problem} />}
      {isIt && table.answer && <Rows key={`${schema} ${name}`} table={table.answer} />}
    </div>
  );
}

function overviewKey(overview: { tables: unknown[] }): string {
  return String(overview.tables.length);
}

interface Position { place: Place | null; page: number }

function Rows(props: { table: Table }) {
  const { table } = props;
  const { tenant } = useShared();
  const [, go] = useLocation();
  const asked = readAsked(useSearch());
  const [limit, setLimit] = useState(100);
  const [position, setPosition] = useState<Position>({ place: null, page: 1 });
  const [wait, setWait] = useState(0);
  const [version, setVersion] = useState(0);
  const [selected, setSelected] = useState<number[]>([]);
  const [open, setOpen] = useState<{ key: string[]; column: string } | null>(null);
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const [editing, setEditing] = useState<Editing | null>(null);

  const which = { schema: table.schema, table: table.name, ...asParams(asked), tenant: table.tenant ? tenant?.key : null };
  const said = JSON.stringify([which, limit]);
  const started = useRef(said);
  const here = started.current === said ? position : { place: null, page: 1 };
  useEffect(() => {
    if (started.current === said) return;
    started.current = said;
    setPosition({ place: null, page: 1 });
    setWait(0);
    setOpen(null);
  }, [said]);
  const params = { ...which, limit, place: here.place ? JSON.stringify(here.place) : null, wait: wait || null };
  const page = useAsked(JSON.stringify([params, version]), (signal) => get<Page>("rows", params, signal));
  const count = useAsked(JSON.stringify([which, version]), (signal) => get<Count>("count", which, signal));

  const ask = useCallback((to: Partial<AskedRows>) => {
    closePreview();
    go(pageOf("data", table, writeAsked({ ...asked, ...to })));
  }, [go, table, asked]);
  function sortBy(column: Column) {
    if (asked.sort !== column.name) ask({ sort: column.name, descending: false });
    else if (!asked.descending) ask({ descending: true });
    else ask({ sort: "", descending: false });
  }
  const decorate = useMemo(() => (column: Column, row: Cell[], drawn: HTMLElement) => decorated(table, column, row, drawn, go), [table, go]);
  const keys = page.answer?.keys ?? [];
  const rows = page.answer?.rows ?? NO_ROWS;
  const selectedKeys = selected.map((at) => keys[at]).filter((each) => each !== undefined);
  const move = (place: Place | null, number: number) => { setPosition({ place, page: number }); setWait(0); };
  const isSlow = page.problem?.code === "slow";
  return (
    <>
      <div class="toolbar" role="toolbar" aria-label="Rows">
        <Search value={asked.search} onChange={(search) => ask({ search })} />
        <Filters table={table} filters={asked.filters} onChange={(filters) => ask({ filters })} />
        <ColumnMenu columns={table.columns} hidden={hidden} onChange={setHidden} />
        <CopyMenu table={table} keys={selectedKeys} />
        <ExportMenu href={(format) => `/api/export${query({ ...which, format })}`} />
        {table.editable && <button type="button" onClick={() => setEditing({ op: "insert", key: null, row: table.columns.map(() => null) })}>New row</button>}
        {table.editable && selectedKeys.length > 0 && (
          <button type="button" class="danger" onClick={() => setEditing({ op: "delete", keys: selectedKeys })}>Delete {selectedKeys.length}</button>
        )}
      </div>
      {page.problem && (
        <ProblemBox problem={isSlow ? SLOW : page.problem}>
          {isSlow && !wait && <button type="button" onClick={() => setWait(PATIENCE)}>Wait up to {PATIENCE} seconds</button>}
        </ProblemBox>
      )}
      <div class="split" onKeyDown={(event) => { if (event.key === "Escape") setOpen(null); }}>
        <div class="rows" aria-busy={page.waiting}>
          <Grid columns={table.columns} rows={rows} label={`Rows of ${titled(table)}`} hidden={hidden} sort={asked.sort} descending={asked.descending}
            selectable={table.key.length > 0} onSort={sortBy} onSelect={setSelected} decorate={decorate}
            onOpen={(at, column) => { const key = keys[at]; if (key?.length) setOpen({ key, column: column.name }); }}
            whole={async (at, column) => (await get<{ value: string | null }>("value", { schema: table.schema, table: table.name, key: JSON.stringify(keys[at]), column: column.name })).value} />
          {page.answer && rows.length === 0 && <p class="none">{asked.filters.length || asked.search || which.tenant ? "No row is like this." : "This table has no rows."}</p>}
        </div>
        {open && <RowPanel table={table} rowKey={open.key} focus={open.column} version={version} onClose={() => setOpen(null)}
          onEdit={table.editable ? (row) => setEditing({ op: "update", key: open.key, row }) : undefined} />}
      </div>
      <footer class="pager">
        <button type="button" disabled={!page.answer?.previous} onClick={() => move(null, 1)}>First</button>
        <button type="button" disabled={!page.answer?.previous} onClick={() => move(page.answer?.previous ?? null, here.page - 1)}>Previous</button>
        <button type="button" disabled={!page.answer?.next} onClick={() => move(page.answer?.next ?? null, here.page + 1)}>Next</button>
        <button type="button" disabled={!page.answer?.next || !keys[0]?.length} onClick={() => move({ back: true }, -1)}>Last</button>
        <label>Rows on a page <select value={limit} onChange={(event) => setLimit(Number(event.currentTarget.value))}>
          {SIZES.map((each) => <option key={each} value={each}>{each}</option>)}
        </select></label>
        <button type="button" class="quiet" aria-label="Read the rows again" title="Read the rows again" onClick={() => setVersion(version + 1)}>⟳</button>
        <span class="told" role="status">
          {page.waiting && wait > 0 ? `reading for up to ${wait} seconds …` : ""}
          {count.answer ? rowCount(count.answer.rows, count.answer.exact) : ""}
          {which.tenant && tenant ? ` of ${tenant.label}` : ""}
          {page.answer && !page.waiting ? ` · ${duration(page.answer.ms)}` : ""}
        </span>
      </footer>
      {editing && <EditDialog table={table} editing={editing} onClose={() => setEditing(null)} onDone={() => { setEditing(null); setVersion(version + 1); }} />}
    </>
  );
}

const NO_ROWS: Cell[][] = [];
const SLOW = {
  message: "no index serves this: PostgreSQL would read most of the table",
  hint: "narrow it down, sort by a column with an index, or wait",
  code: "slow",
};

function Search(props: { value: string; onChange(to: string): void }) {
  const [typed, setTyped] = useState(props.value);
  const settled = useSettled(typed, 350);
  const told = useRef(props.value);
  useEffect(() => { if (props.value !== told.current) { told.current = props.value; setTyped(props.value); } }, [props.value]);
  useEffect(() => { if (settled !== told.current) { told.current = settled; props.onChange(settled); } }, [settled]);
  return <input type="search" aria-label="Search all texts" placeholder="Search all texts" value={typed} onInput={(event) => setTyped(event.currentTarget.value)} />;
}

/** A reference as a link, with the row that it leads to shown beside it. */
function decorated(table: Table, column: Column, row: Cell[], drawn: HTMLElement, go: (to: string) => void): HTMLElement {
  const found = column.references.length ? linkOf(table, column, row) : null;
  if (!found) return drawn;
  const link = document.createElement("a");
  link.href = found.href;
  link.append(drawn);
  link.tabIndex = -1;
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    closePreview();
    go(found.href);
  });
  previewed(link, found.reference.table, found.filters);
  return link;
}
