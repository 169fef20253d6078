import type { Diagram, TableName } from "../api";
import { keyOf } from "./boxes";

/** The part of a diagram within so many references of a table, in either direction. */
export function neighbourhood(data: Diagram, focus: TableName, depth: number): Diagram {
  let edge = new Set([keyOf(focus)]);
  const near = new Set(edge);
  for (let step = 0; step < depth; step++) {
    const next = new Set<string>();
    for (const reference of data.references) {
      const [from, to] = [keyOf(reference.from), keyOf(reference.to)];
      if (edge.has(from) && !near.has(to)) next.add(to);
      if (edge.has(to) && !near.has(from)) next.add(from);
    }
    for (const key of next) near.add(key);
    edge = next;
  }
  return {
    tables: data.tables.filter((table) => near.has(keyOf(table))),
    references: data.references.filter((each) => near.has(keyOf(each.from)) && near.has(keyOf(each.to))),
  };
}
