/** Draws one connected part of the diagram: columns, heights, tracks, then the corners of every line. */

import type { Component } from "./components";
import { bestLayers } from "./layers";
import type { Layout, PlacedBox, PlacedLine, Point } from "./layout";
import { columnsOf } from "./order";
import { heightsOf } from "./place";
import { assignTracks, type Trunk } from "./tracks";
import { networkOf, type Item, type Network, type Stop } from "./trails";

/** A part of the drawing, at an origin of its own. */
export type Piece = Layout;

/** Room for the mark at the end of a line. */
const markRoom = 24;
const trackStep = 8;

interface Frame {
  net: Network;
  items: Map<string, Item>;
  tops: Map<string, number>;
  /** By gap, then by the bus, or by the line for one from a box to itself. */
  trunks: Map<string, Trunk>[];
  columnX: number[];
  columnWidth: number[];
}

/** Lays out a component for a window of that aspect, `careful` where there is time to choose between two orders. */
export function drawComponent(part: Component, aspect: number, careful: boolean): Piece {
  const net = networkOf(part, bestLayers(part, aspect));
  const tries = (careful ? [false, true] : [false]).map((reversed) => {
    const columns = columnsOf(net, reversed);
    return { columns, ...heightsOf(columns, net) };
  });
  const [best] = tries.sort((a, b) => upAndDown(net, a.tops) - upAndDown(net, b.tops));
  return best ? drawn(part, net, best) : { width: 0, height: 0, boxes: [], lines: [] };
}

interface Placed { columns: Item[][]; tops: Map<string, number>; height: number }

/** How far the lines run up and down in all: the less, the calmer the drawing. */
function upAndDown(net: Network, tops: Map<string, number>): number {
  const at = (stop: Stop) => (tops.get(stop.item) ?? 0) + stop.y;
  return net.links.reduce((sum, { left, right }) => sum + Math.abs(at(left) - at(right)), 0);
}

function drawn(part: Component, net: Network, { columns, tops, height }: Placed): Piece {
  const items = new Map(net.items.map((item) => [item.id, item]));
  const frame: Frame = { net, items, tops, trunks: columns.map(() => new Map()), columnX: [], columnWidth: [] };
  frame.columnWidth = columns.map((column) => Math.max(...column.map((item) => item.width)));
  levelEnds(frame);
  collectTrunks(frame, part);
  const width = spreadColumns(frame);
  const boxes = net.items.filter((item) => item.box).map((item) => placedBox(frame, item));
  const lines = part.lines.map((line): PlacedLine => ({ id: line.id, points: pointsOf(frame, line.id, line.bus) }));
  return { width, height, boxes, lines };
}

function placedBox(frame: Frame, item: Item): PlacedBox {
  const x = frame.columnX[item.layer] ?? 0;
  return { id: item.id, x, y: yOf(frame, { item: item.id, y: 0 }), width: frame.columnWidth[item.layer] ?? 0, height: item.height };
}

function yOf(frame: Frame, stop: Stop): number {
  return (frame.tops.get(stop.item) ?? 0) + stop.y;
}

/** Buses and lines are numbered apart: this keeps their trunks apart. */
const busTrunk = (bus: string) => `bus ${bus}`;

function trunkAt(frame: Frame, gap: number, key: string): Trunk {
  const trunks = frame.trunks[gap] ?? new Map<string, Trunk>();
  const trunk = trunks.get(key) ?? { left: [], right: [], track: 0 };
  trunks.set(key, trunk);
  return trunk;
}

/** Moves a referring end within its row where that spares the line a tiny step. */
function levelEnds(frame: Frame): void {
  for (const [first, second] of frame.net.trails.values()) {
    if (!first || !second || first.item === second.item) continue;
    const step = yOf(frame, second) - yOf(frame, first);
    if (Math.abs(step) <= 3) first.y += step;
  }
}

function collectTrunks(frame: Frame, part: Component): void {
  for (const link of frame.net.links) {
    const trunk = trunkAt(frame, link.gap, busTrunk(link.bus));
    trunk.left.push(yOf(frame, link.left));
    trunk.right.push(yOf(frame, link.right));
  }
  for (const line of part.lines) {
    if (line.from !== line.to) continue;
    const gap = frame.items.get(line.from)?.layer ?? 0;
    trunkAt(frame, gap, line.id).left.push(...(frame.net.trails.get(line.id) ?? []).map((stop) => yOf(frame, stop)));
  }
}

/** Sets the columns side by side with just the room that the tracks between them need; answers the width of all. */
function spreadColumns(frame: Frame): number {
  let x = 0;
  for (const [layer, width] of frame.columnWidth.entries()) {
    frame.columnX.push(x);
    const trunks = [...(frame.trunks[layer]?.values() ?? [])];
    const tracks = assignTracks(trunks);
    const last = layer === frame.columnWidth.length - 1;
    x += width + (last ? (tracks && markRoom + tracks * trackStep) : 2 * markRoom + Math.max(0, tracks - 1) * trackStep);
  }
  return x;
}

function trackX(frame: Frame, gap: number, trunk: Trunk): number {
  return (frame.columnX[gap] ?? 0) + (frame.columnWidth[gap] ?? 0) + markRoom + trunk.track * trackStep;
}

/** The corners from the referring box to the box referred to. */
function pointsOf(frame: Frame, line: string, bus: string): Point[] {
  const stops = frame.net.trails.get(line) ?? [];
  const points: Point[] = [];
  for (const [index, stop] of stops.entries()) {
    const next = stops[index + 1];
    if (!next) break;
    const [from, to] = [layerOf(frame, stop), layerOf(frame, next)];
    const gap = Math.min(from, to);
    const x = trackX(frame, gap, trunkAt(frame, gap, from === to ? line : busTrunk(bus)));
    if (index === 0) points.push({ x: sideX(frame, from, to >= from), y: yOf(frame, stop) });
    points.push({ x, y: yOf(frame, stop) }, { x, y: yOf(frame, next) });
    if (index === stops.length - 2) points.push({ x: sideX(frame, to, from >= to), y: yOf(frame, next) });
  }
  return withoutStraight(points);
}

function layerOf(frame: Frame, stop: Stop): number {
  return frame.items.get(stop.item)?.layer ?? 0;
}

function sideX(frame: Frame, layer: number, right: boolean): number {
  return (frame.columnX[layer] ?? 0) + (right ? (frame.columnWidth[layer] ?? 0) : 0);
}

/** Only real corners: a point between two others on one straight is left out. */
function withoutStraight(points: Point[]): Point[] {
  return points.filter((point, index) => {
    const [before, after] = [points[index - 1], points[index + 1]];
    if (!before || !after) return true;
    return !((before.y === point.y && point.y === after.y) || (before.x === point.x && point.x === after.x));
  });
}
