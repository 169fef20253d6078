import type { Cell, Column, Filter, Reference, Table } from "../api";
import { pageOf } from "../parts/format";
import { writeAsked } from "./asked";
import { textOf } from "./cells";

/** The filters that find the row a reference leads to; null where one of its values is NULL or was cut. */
export function target(table: Table, reference: Reference, row: Cell[]): Filter[] | null {
  const filters: Filter[] = [];
  for (const [number, name] of reference.columns.entries()) {
    const cell = row[table.columns.findIndex((column) => column.name === name)];
    const to = reference.to[number];
    if (cell === null || cell === undefined || typeof cell !== "string" || to === undefined) return null;
    filters.push({ column: to, op: "eq", value: textOf(cell) });
  }
  return filters;
}

/** The address of the row that a column's reference leads to. */
export function linkOf(table: Table, column: Column, row: Cell[]): { href: string; reference: Reference; filters: Filter[] } | null {
  for (const reference of column.references) {
    const filters = target(table, reference, row);
    if (filters) return { href: pageOf("data", reference.table, writeAsked({ filters })), reference, filters };
  }
  return null;
}
