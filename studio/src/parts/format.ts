import type { TableName } from "../api";

const number = new Intl.NumberFormat("en");
const compact = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
const UNITS = ["B", "kB", "MB", "GB", "TB"];

/** 12,345 */
export function whole(of: number): string {
  return number.format(Math.round(of));
}

/** How many rows: exact, or about. */
export function rowCount(rows: number | null, exact: boolean): string {
  if (rows === null) return "? rows";
  if (exact) return `${whole(rows)} ${rows === 1 ? "row" : "rows"}`;
  return `about ${rows < 10_000 ? whole(rows) : compact.format(rows)} rows`;
}

/** 1.2k, for narrow places. */
export function short(of: number): string {
  return of < 1_000 ? whole(of) : compact.format(of);
}

/** 1.5 MB */
export function bytes(of: number): string {
  let value = of;
  let unit = 0;
  while (value >= 1000 && unit < UNITS.length - 1) { value /= 1000; unit += 1; }
  return `${value >= 10 || unit === 0 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`;
}

/** 3.2 ms, 1.4 s */
export function duration(ms: number): string {
  if (ms < 10) return `${ms.toFixed(2)} ms`;
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(2)} s`;
}

/** `users`, or `audit.users` where it is in another schema than public. */
export function titled(table: TableName): string {
  return table.schema === "public" ? table.name : `${table.schema}.${table.name}`;
}

/** The address of a page about a table. */
export function pageOf(page: "data" | "structure", table: TableName, search = ""): string {
  return `/${page}/${encodeURIComponent(table.schema)}/${encodeURIComponent(table.name)}${search}`;
}
