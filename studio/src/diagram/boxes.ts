import type { Diagram, DiagramColumn, DiagramReference, DiagramTable, TableName } from "../api";

/** How much of a table is drawn. */
export type Detail = "columns" | "keys" | "names";

export const ROW = 20;
export const HEAD = 28;
const CHARACTER = 6.7;
const WIDEST = 300;
const NARROWEST = 120;

export interface Box {
  id: string;
  table: DiagramTable;
  title: string;
  rows: DiagramColumn[];
  /** Columns that are not drawn. */
  hidden: number;
  width: number;
  height: number;
}

export interface Line { id: string; from: string; to: string; reference: DiagramReference }

export interface Drawing { boxes: Box[]; lines: Line[] }

export function idOf(table: TableName): string {
  return JSON.stringify([table.schema, table.name]);
}

/** What is drawn of a diagram: all of it, or a table and what is at most `depth` references away from it. */
export function drawing(data: Diagram, detail: Detail, focus: TableName | null, depth: number): Drawing {
  const shown = focus ? around(data, idOf(focus), depth) : null;
  const tables = data.tables.filter((each) => !shown || shown.has(idOf(each)));
  const ids = new Set(tables.map(idOf));
  const schemas = new Set(data.tables.map((each) => each.schema));
  const lines = data.references
    .map((reference, at) => ({ id: `${at}`, from: idOf(reference.from), to: idOf(reference.to), reference }))
    .filter((each) => ids.has(each.from) && ids.has(each.to));
  return { boxes: tables.map((each) => box(each, detail, schemas.size > 1)), lines };
}

function around(data: Diagram, focus: string, depth: number): Set<string> {
  const found = new Set([focus]);
  for (let step = 0; step < depth; step += 1) {
    const edge = [...found];
    for (const { from, to } of data.references) {
      const [a, b] = [idOf(from), idOf(to)];
      if (edge.includes(a)) found.add(b);
      if (edge.includes(b)) found.add(a);
    }
  }
  return found;
}

function box(table: DiagramTable, detail: Detail, prefixed: boolean): Box {
  const rows = detail === "names" ? [] : table.columns.filter((each) => detail === "columns" || each.primary || each.foreign);
  const hidden = table.columns.length - rows.length;
  const title = prefixed && table.schema !== "public" ? `${table.schema}.${table.name}` : table.name;
  const longest = Math.max(title.length * 1.12 + 2, ...rows.map((each) => each.name.length + typeText(each).length + 6));
  const width = Math.min(WIDEST, Math.max(NARROWEST, Math.round(longest * CHARACTER + 24)));
  const extra = detail === "keys" && hidden > 0 ? ROW : 0;
  return { id: idOf(table), table, title, rows, hidden: extra ? hidden : 0, width, height: HEAD + rows.length * ROW + extra + (rows.length || extra ? 6 : 0) };
}

/** Types as people say them. */
export function typeText(column: DiagramColumn): string {
  return column.type
    .replace("timestamp without time zone", "timestamp").replace("timestamp with time zone", "timestamptz")
    .replace("character varying", "varchar").replace(/^public\./, "") + (column.nullable ? "?" : "");
}

/** A text that fits, with an ellipsis where it was cut. */
export function fitted(text: string, width: number): string {
  const most = Math.floor(width / CHARACTER);
  return text.length <= most ? text : `${text.slice(0, Math.max(1, most - 1))}…`;
}
