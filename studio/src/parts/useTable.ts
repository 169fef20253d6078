import { useLocation } from "wouter-preact";
import type { TableName } from "../api";

/** The table that the address names, whatever its name is made of: the router decodes addresses only in part. */
export function useTable(): TableName {
  useLocation();
  return tableIn(window.location.pathname) ?? { schema: "", name: "" };
}

/** The table in `/data/SCHEMA/NAME`; null in an address without one. */
export function tableIn(path: string): TableName | null {
  const [, page, schema, name] = path.split("/");
  if ((page !== "data" && page !== "structure") || schema === undefined || name === undefined) return null;
  try {
    return { schema: decodeURIComponent(schema), name: decodeURIComponent(name) };
  } catch {
    return null;
  }
}
