/** How large the box of a table is, and what its rows say. */

import type { Diagram, DiagramColumn, DiagramReference, DiagramTable, TableName } from "../api";
import { cut, widthOf } from "./measure";

/** How much of each table is drawn. */
export type Detail = "all" | "keys" | "names";

/** One column of a table as drawn; texts may be cut, the title never is. */
export interface Row { name: string; type: string; mark: string; title: string; y: number }

/** A table as drawn, before it has a place. */
export interface Box {
  id: string;
  table: DiagramTable;
  prefix: string;
  name: string;
  /** Beside the name: what it is other than a table, and how many columns are left out. */
  note: string;
  title: string;
  width: number;
  height: number;
  rows: Row[];
  /** The middle of the row of a column, or of the header where that is not shown. */
  middle: Map<string, number>;
}

/** Measures that the drawing and the layout share. */
export const sizes = { header: 28, row: 19, foot: 5, pad: 9, mark: 29, gap: 14, name: 170, type: 112, title: 230 };

export const fonts = {
  family: 'system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif',
  title: 13,
  row: 12,
  type: 11,
  mark: 9.5,
};

const font = (size: number, weight = "") => `${weight} ${size}px ${fonts.family}`.trim();
const titleFont = font(fonts.title, "600");

/** One text for each table that no other has: names may hold any character. */
export function keyOf(table: TableName): string {
  return JSON.stringify([table.schema, table.name]);
}

/** The detail that suits a number of tables, unless the reader chooses. */
export function detailFor(tables: number): Detail {
  return tables <= 30 ? "all" : tables <= 80 ? "keys" : "names";
}

/** The boxes of a diagram, by the keys of their tables. */
export function boxesOf(data: Diagram, detail: Detail): Map<string, Box> {
  const manySchemas = new Set(data.tables.map((table) => table.schema)).size > 1;
  const referred = referredColumns(data.references);
  const boxes = new Map<string, Box>();
  for (const [index, table] of data.tables.entries()) {
    const shown = shownColumns(table, detail, referred.get(keyOf(table)));
    boxes.set(keyOf(table), boxOf(`t${index}`, table, shown, manySchemas));
  }
  return boxes;
}

function referredColumns(references: DiagramReference[]): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const reference of references) {
    const key = keyOf(reference.to);
    found.set(key, new Set([...(found.get(key) ?? []), ...reference.toColumns]));
  }
  return found;
}

function shownColumns(table: DiagramTable, detail: Detail, referred: Set<string> | undefined): DiagramColumn[] {
  if (detail === "names") return [];
  if (detail === "all") return table.columns;
  return table.columns.filter((column) => column.primary || column.foreign || referred?.has(column.name));
}

function boxOf(id: string, table: DiagramTable, shown: DiagramColumn[], manySchemas: boolean): Box {
  const note = noteOf(table, shown.length);
  const prefix = manySchemas ? cut(`${table.schema}.`, titleFont, sizes.title / 2) : "";
  const name = cut(table.name, titleFont, sizes.title - (prefix ? widthOf(prefix, titleFont) : 0));
  const rows = shown.map((column, index) => rowOf(column, sizes.header + sizes.row * (index + 0.5) + 2));
  const middle = new Map(shown.map((column, index) => [column.name, rows[index]?.y ?? 0]));
  const height = sizes.header + (rows.length ? rows.length * sizes.row + sizes.foot : 0);
  const width = Math.ceil(Math.max(headerWidth(prefix + name, note), rowsWidth(rows)));
  const title = tableTitle(table);
  return { id, table, prefix, name, note, title, width, height, rows, middle };
}

function noteOf(table: DiagramTable, shown: number): string {
  const said = table.kind === "table" ? [] : [table.kind as string];
  const hidden = table.columns.length - shown;
  if (shown && hidden) said.push(`+${hidden}`);
  return said.join(" ");
}

function headerWidth(name: string, note: string): number {
  const extra = note ? widthOf(note, font(fonts.type)) + sizes.gap : 0;
  return Math.max(90, widthOf(name, titleFont) + extra + 2 * sizes.pad + 4);
}

function rowsWidth(rows: Row[]): number {
  const names = Math.max(0, ...rows.map((row) => widthOf(row.name, font(fonts.row, row.mark.startsWith("PK") ? "600" : ""))));
  const types = Math.max(0, ...rows.map((row) => widthOf(row.type, font(fonts.type))));
  return rows.length ? 2 * sizes.pad + sizes.mark + names + sizes.gap + types + 2 : 0;
}

function rowOf(column: DiagramColumn, y: number): Row {
  const mark = column.primary && column.foreign ? "PFK" : column.primary ? "PK" : column.foreign ? "FK" : "";
  return {
    name: cut(column.name, font(fonts.row, column.primary ? "600" : ""), sizes.name),
    type: cut(shortType(column.type), font(fonts.type), sizes.type),
    mark,
    title: columnTitle(column),
    y,
  };
}

const shorter: [RegExp, string][] = [
  [/^timestamp(\(\d\))? with time zone/, "timestamptz$1"],
  [/^timestamp(\(\d\))? without time zone/, "timestamp$1"],
  [/^time(\(\d\))? with time zone/, "timetz$1"],
  [/^time(\(\d\))? without time zone/, "time$1"],
  [/^character varying/, "varchar"],
  [/^character(?=\(|$)/, "char"],
  [/^double precision/, "float8"],
];

/** PostgreSQL's own short names of types: the long ones are mostly noise here. */
export function shortType(type: string): string {
  for (const [long, short] of shorter) if (long.test(type)) return type.replace(long, short);
  return type;
}

function columnTitle(column: DiagramColumn): string {
  const said = [`${column.name} ${column.type}`, column.nullable ? "may be NULL" : "never NULL"];
  if (column.primary) said.push("primary key");
  if (column.foreign) said.push("foreign key");
  return said.join(", ");
}

/** A table's name with its schema. */
export function fullName(table: TableName): string {
  return `${table.schema}.${table.name}`;
}

function tableTitle(table: DiagramTable): string {
  const first = `${table.kind} ${fullName(table)}, ${counted(table.columns.length, "column")}`;
  return table.comment ? `${first}\n${table.comment}` : first;
}

/** "1 table", "2 tables". */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
}
