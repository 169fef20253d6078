import type { Filter } from "../api";

/** What the address says of the rows that are shown. */
export interface AskedRows {
  filters: Filter[];
  search: string;
  sort: string;
  descending: boolean;
}

export function readAsked(search: string): AskedRows {
  const params = new URLSearchParams(search);
  return {
    filters: filtersIn(params.get("filters")),
    search: params.get("search") ?? "",
    sort: params.get("sort") ?? "",
    descending: params.get("descending") === "true",
  };
}

/** The query of an address, with the question mark; empty where all rows are asked for. */
export function writeAsked(asked: Partial<AskedRows>): string {
  const params = new URLSearchParams();
  if (asked.filters?.length) params.set("filters", JSON.stringify(asked.filters));
  if (asked.search) params.set("search", asked.search);
  if (asked.sort) params.set("sort", asked.sort);
  if (asked.sort && asked.descending) params.set("descending", "true");
  const text = params.toString();
  return text ? `?${text}` : "";
}

/** The same for the server. */
export function asParams(asked: AskedRows): Record<string, string | null> {
  return {
    filters: asked.filters.length ? JSON.stringify(asked.filters) : null,
    search: asked.search || null,
    sort: asked.sort || null,
    descending: asked.descending ? "true" : null,
  };
}

function filtersIn(text: string | null): Filter[] {
  try {
    const found: unknown = JSON.parse(text ?? "[]");
    return Array.isArray(found) ? (found as Filter[]) : [];
  } catch {
    return [];
  }
}
