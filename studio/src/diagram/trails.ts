/** How the lines run from column to column: through which boxes, and through which passes between boxes. */

import type { Component } from "./components";
import type { LayoutLine } from "./layout";

/** Something that takes room in a column: a box, or a pass that a bus of lines runs through. */
export interface Item { id: string; layer: number; width: number; height: number; box: boolean }

/** A place that a line touches: an item, and how far below its top. */
export interface Stop { item: string; y: number }

/** A step of a bus over the gap right of a column. */
export interface Link { bus: string; gap: number; left: Stop; right: Stop }

/**
 * Everything that is to be ordered, placed and routed. A trail is the stops of one line, referring
 * box first; links hold the very same stops, so that moving an end moves both.
 */
export interface Network { items: Item[]; links: Link[]; trails: Map<string, Stop[]> }

const passHeight = 2;

/** Lays each bus through the columns that it must cross: once, however many lines it has. */
export function networkOf(part: Component, layers: Map<string, number>): Network {
  const net: Network = { items: [], links: [], trails: new Map() };
  for (const box of part.boxes) net.items.push({ ...box, layer: layers.get(box.id) ?? 0, box: true });
  const known = new Set<string>();
  for (const line of part.lines) {
    const stops = stopsOf(line, layers.get(line.from) ?? 0, layers.get(line.to) ?? 0);
    net.trails.set(line.id, stops);
    for (const stop of stops) if (stop.pass) addPass(net, known, stop.item, stop.layer);
    if (line.from !== line.to) addLinks(net, known, line.bus, stops);
  }
  return net;
}

interface LayeredStop extends Stop { layer: number; pass: boolean }

function stopsOf(line: LayoutLine, from: number, to: number): LayeredStop[] {
  const stops: LayeredStop[] = [{ item: line.from, y: line.fromY, layer: from, pass: false }];
  const step = from < to ? 1 : -1;
  for (let layer = from + step; layer !== to && from !== to; layer += step) {
    stops.push({ item: `${line.bus}@${layer}`, y: passHeight / 2, layer, pass: true });
  }
  stops.push({ item: line.to, y: line.toY, layer: to, pass: false });
  return stops;
}

function addPass(net: Network, known: Set<string>, id: string, layer: number): void {
  if (known.has(id)) return;
  known.add(id);
  net.items.push({ id, layer, width: 0, height: passHeight, box: false });
}

function addLinks(net: Network, known: Set<string>, bus: string, stops: LayeredStop[]): void {
  for (const [index, stop] of stops.entries()) {
    const next = stops[index + 1];
    if (!next) return;
    const [left, right] = stop.layer < next.layer ? [stop, next] : [next, stop];
    const key = JSON.stringify([bus, left.item, left.y, right.item, right.y]);
    if (known.has(key)) continue;
    known.add(key);
    net.links.push({ bus, gap: left.layer, left, right });
  }
}
