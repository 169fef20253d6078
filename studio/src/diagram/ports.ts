/** Where lines meet the boxes: at the rows of their columns, fanned out where several meet one row. */

import type { DiagramReference } from "../api";
import { keyOf, sizes, type Box } from "./boxes";
import type { LayoutLine } from "./layout";

/** A reference with what is needed to draw it. */
export interface Wire { id: string; reference: DiagramReference; from: Box; to: Box }

interface Port { row: number; key: string }

/** The references between the boxes that are there. */
export function wiresOf(references: DiagramReference[], boxes: Map<string, Box>): Wire[] {
  const wires: Wire[] = [];
  for (const [index, reference] of references.entries()) {
    const from = boxes.get(keyOf(reference.from));
    const to = boxes.get(keyOf(reference.to));
    if (from && to) wires.push({ id: `r${index}`, reference, from, to });
  }
  return wires;
}

/** The lines to lay out. References to one column share an end and a trunk if they agree in whether there must be one. */
export function linesOf(wires: Wire[]): LayoutLine[] {
  const uses = columnUses(wires);
  const ends = wires.map((wire) => {
    const pair = telling(wire, uses);
    const from: Port = { row: rowAt(wire.from, wire.reference.columns[pair]), key: `from ${wire.id}` };
    const row = rowAt(wire.to, wire.reference.toColumns[pair]);
    return { wire, from, to: { row, key: `to ${wire.reference.nullable} ${wire.from === wire.to ? wire.id : ""}` } };
  });
  const fans = fansOf(ends.flatMap(({ wire, from, to }) => [{ box: wire.from, port: from }, { box: wire.to, port: to }]));
  return ends.map(({ wire, from, to }) => ({
    id: wire.id,
    from: wire.from.id,
    to: wire.to.id,
    fromY: heightIn(fans, wire.from, from),
    toY: heightIn(fans, wire.to, to),
    bus: `b${wire.to.id} ${to.row} ${to.key}`,
  }));
}

function rowAt(box: Box, column: string | undefined): number {
  return box.middle.get(column ?? "") ?? sizes.header / 2;
}

/** How many references each column takes part in. */
function columnUses(wires: Wire[]): Map<Box, Map<string, number>> {
  const uses = new Map<Box, Map<string, number>>();
  for (const wire of wires) {
    const counts = uses.get(wire.from) ?? new Map<string, number>();
    for (const column of wire.reference.columns) counts.set(column, (counts.get(column) ?? 0) + 1);
    uses.set(wire.from, counts);
  }
  return uses;
}

/** Of a reference of several columns, the one that says most: in the fewest others, such as not the tenant's. */
function telling(wire: Wire, uses: Map<Box, Map<string, number>>): number {
  let best = 0;
  let least = Infinity;
  for (const [index, column] of wire.reference.columns.entries()) {
    const count = uses.get(wire.from)?.get(column) ?? 0;
    if (count <= least) [best, least] = [index, count];
  }
  return best;
}

const fanKey = (box: Box, row: number) => `${box.id} ${row}`;

function fansOf(ends: { box: Box; port: Port }[]): Map<string, string[]> {
  const fans = new Map<string, string[]>();
  for (const { box, port } of ends) {
    const fan = fans.get(fanKey(box, port.row)) ?? [];
    if (!fan.includes(port.key)) fan.push(port.key);
    fans.set(fanKey(box, port.row), fan);
  }
  return fans;
}

function heightIn(fans: Map<string, string[]>, box: Box, port: Port): number {
  const fan = fans.get(fanKey(box, port.row)) ?? [];
  const step = Math.min(8, (sizes.row - 7) / Math.max(1, fan.length - 1));
  return Math.round(port.row + step * (fan.indexOf(port.key) - (fan.length - 1) / 2));
}
