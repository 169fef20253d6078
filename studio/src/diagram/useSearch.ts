/** Finding tables by name. */

import type { RefObject } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import type { Diagram, DiagramTable, TableName } from "../api";
import { fullName, keyOf } from "./boxes";
import type { CanvasHandle } from "./Canvas";
import type { Search } from "./Toolbar";
import type { Drawing } from "./useScene";

interface Found extends Search { matches: ReadonlySet<string>; current: string | null }

/** Matches by name, and goes through them; one that the focus hides becomes the focus. */
export function useSearch(
  data: Diagram,
  drawing: Drawing | null,
  canvas: RefObject<CanvasHandle>,
  onFocus: (table: TableName | null) => void,
  select: (key: string | null) => void,
): Found {
  const [text, setText] = useState("");
  const [at, setAt] = useState(-1);
  useEffect(() => setAt(-1), [data]);
  const found = useMemo(() => matching(data.tables, text), [data, text]);
  const matches = useMemo(() => new Set(found.map(keyOf)), [found]);
  const current = found[at];
  const next = () => {
    const place = found.length ? (at + 1) % found.length : -1;
    const table = found[place];
    setAt(place);
    if (!table) return;
    select(keyOf(table));
    if (drawing?.scene.boxes.some((box) => box.key === keyOf(table))) canvas.current?.centre(keyOf(table));
    else onFocus({ schema: table.schema, name: table.name });
  };
  const set = (typed: string) => { setText(typed); setAt(-1); };
  return { text, set, next, matches, current: current ? keyOf(current) : null, status: statusOf(text, found.length, at) };
}

/** The tables whose name holds the text: those that are it first, then those that begin with it. */
function matching(tables: DiagramTable[], text: string): DiagramTable[] {
  const wanted = text.trim().toLowerCase();
  if (!wanted) return [];
  const rank = (table: DiagramTable): number => {
    const name = table.name.toLowerCase();
    if (name === wanted || fullName(table).toLowerCase() === wanted) return 0;
    return name.startsWith(wanted) ? 1 : 2;
  };
  return tables.filter((table) => fullName(table).toLowerCase().includes(wanted)).sort((a, b) => rank(a) - rank(b));
}

function statusOf(text: string, count: number, at: number): string {
  if (!text.trim()) return "";
  if (!count) return "no match";
  return at < 0 ? `${count} found` : `${at + 1} of ${count}`;
}
