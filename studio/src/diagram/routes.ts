import { HEAD, ROW, type Box, type Line } from "./boxes";
import type { Placed } from "./layout";

export interface Route { line: Line; path: string; marks: string }

type Side = -1 | 1;

/** The way of each reference, from the row of its column to the row that it refers to. */
export function routes(boxes: Map<string, Box>, lines: Line[], placed: Placed): Route[] {
  return lines.flatMap((line) => {
    const from = boxes.get(line.from);
    const to = boxes.get(line.to);
    const a = placed.places[line.from];
    const b = placed.places[line.to];
    if (!from || !to || !a || !b) return [];
    const y1 = a.y + rowOf(from, line.reference.columns[0]);
    const y2 = b.y + rowOf(to, line.reference.toColumns[0]);
    const [out, into] = sides(a.x, a.x + from.width, b.x, b.x + to.width, from === to);
    const x1 = out > 0 ? a.x + from.width : a.x;
    const x2 = into > 0 ? b.x + to.width : b.x;
    return [{ line, path: curve(x1, y1, out, x2, y2, into), marks: ends(line, x1, y1, out, x2, y2, into) }];
  });
}

function rowOf(box: Box, column: string | undefined): number {
  const at = box.rows.findIndex((each) => each.name === column);
  return at < 0 ? HEAD / 2 : HEAD + at * ROW + ROW / 2;
}

/** On which side a line leaves and arrives: towards each other, or both on one side where the boxes overlap. */
function sides(l1: number, r1: number, l2: number, r2: number, self: boolean): [Side, Side] {
  if (self) return [1, 1];
  if (r1 + 20 < l2) return [1, -1];
  if (r2 + 20 < l1) return [-1, 1];
  return Math.abs(r1 - r2) < Math.abs(l1 - l2) ? [1, 1] : [-1, -1];
}

function curve(x1: number, y1: number, out: Side, x2: number, y2: number, into: Side): string {
  const bend = out === into ? 36 + Math.min(40, Math.abs(y1 - y2) / 6) : Math.max(28, Math.abs(x2 - x1) / 2.4);
  return `M${r(x1)} ${r(y1)}h${12 * out}C${r(x1 + out * bend)} ${r(y1)} ${r(x2 + into * bend)} ${r(y2)} ${r(x2 + into * 12)} ${r(y2)}h${-12 * into}`;
}

/** Crow's feet: many or one where the reference is, one or none where it leads. */
function ends(line: Line, x1: number, y1: number, out: Side, x2: number, y2: number, into: Side): string {
  const { unique, nullable } = line.reference;
  const many = unique ? bar(x1 + out * 6, y1) : `M${r(x1)} ${r(y1 - 5)}L${r(x1 + out * 9)} ${r(y1)}L${r(x1)} ${r(y1 + 5)}`;
  const one = bar(x2 + into * 5, y2);
  const none = nullable ? circle(x2 + into * 12, y2) : bar(x2 + into * 9, y2);
  return many + one + none;
}

function bar(x: number, y: number): string {
  return `M${r(x)} ${r(y - 5)}v10`;
}

function circle(x: number, y: number): string {
  return `M${r(x - 4)} ${r(y)}a4 4 0 1 0 8 0a4 4 0 1 0 -8 0`;
}

function r(value: number): number {
  return Math.round(value * 10) / 10;
}
