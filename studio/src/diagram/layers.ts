/** Which column every box goes into: those referred to on the left, and no column much higher than the others. */

import type { Component } from "./components";
import type { LayoutBox } from "./layout";

/** Room below a box of that height: boxes of names alone stand closer. */
export const boxGap = (height: number) => (height > 40 ? 24 : 13);
/** Room between two lines, or a line and a box, of one column. */
export const lineGap = 8;

/** What must be left of what, without cycles. */
interface Arcs { before: Map<string, Set<string>>; after: Map<string, Set<string>> }

/** Finds the columns whose drawing would shrink least in a window of that aspect. */
export function bestLayers(part: Component, aspect: number): Map<string, number> {
  const arcs = arcsOf(part);
  const tallest = Math.max(...part.boxes.map((box) => box.height));
  const total = part.boxes.reduce((sum, box) => sum + box.height + boxGap(box.height), 0);
  let best = layersWithin(part.boxes, arcs, total);
  let least = shrinkage(part, best, aspect);
  for (let cap = tallest; cap < total; cap *= 1.08) {
    const layers = layersWithin(part.boxes, arcs, cap);
    const found = shrinkage(part, layers, aspect);
    if (found < least) [best, least] = [layers, found];
  }
  return best;
}

/** Referred-to before referring, with the references that would close a cycle turned round. */
function arcsOf(part: Component): Arcs {
  const children = new Map<string, Set<string>>(part.boxes.map((box) => [box.id, new Set()]));
  for (const line of part.lines) if (line.from !== line.to) children.get(line.to)?.add(line.from);
  const arcs: Arcs = { before: new Map(), after: new Map() };
  for (const box of part.boxes) arcs.before.set(box.id, new Set()), arcs.after.set(box.id, new Set());
  const place = finishOrder(part.boxes, children);
  for (const [parent, referring] of children) {
    for (const child of referring) {
      const inOrder = (place.get(parent) ?? 0) > (place.get(child) ?? 0);
      const [left, right] = inOrder ? [parent, child] : [child, parent];
      arcs.after.get(left)?.add(right);
      arcs.before.get(right)?.add(left);
    }
  }
  return arcs;
}

/** When a depth-first walk leaves each box. The most referred-to come first: a cycle is best broken behind them. */
function finishOrder(boxes: LayoutBox[], children: Map<string, Set<string>>): Map<string, number> {
  const parents = new Map<string, number>();
  for (const referring of children.values()) for (const id of referring) parents.set(id, (parents.get(id) ?? 0) + 1);
  const pull = (id: string) => (children.get(id)?.size ?? 0) - (parents.get(id) ?? 0);
  const finished = new Map<string, number>();
  const entered = new Set<string>();
  for (const first of boxes.map((box) => box.id).sort((a, b) => pull(b) - pull(a))) {
    const stack = entered.has(first) ? [] : [{ id: first, left: [...(children.get(first) ?? [])] }];
    entered.add(first);
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const next = top.left.pop();
      if (next === undefined) finished.set(top.id, finished.size), stack.pop();
      else if (!entered.has(next)) entered.add(next), stack.push({ id: next, left: [...(children.get(next) ?? [])] });
    }
  }
  return finished;
}

/** Fills column after column with what may go there, the starts of long chains first. */
function layersWithin(boxes: LayoutBox[], arcs: Arcs, cap: number): Map<string, number> {
  const depth = depths(boxes, arcs);
  const urgency = (box: LayoutBox) => (depth.get(box.id) ?? 0) * 100 + (arcs.after.get(box.id)?.size ?? 0);
  const layers = new Map<string, number>();
  const used: number[] = [];
  let waiting = [...boxes].sort((a, b) => urgency(b) - urgency(a));
  for (let layer = 0; waiting.length; layer++) {
    let height = 0;
    const free = (box: LayoutBox) => [...(arcs.before.get(box.id) ?? [])].every((id) => (layers.get(id) ?? layer) < layer);
    for (const box of waiting.filter(free)) {
      if (height && height + box.height > cap) continue;
      layers.set(box.id, layer);
      height += box.height + boxGap(box.height);
    }
    used.push(height);
    waiting = waiting.filter((box) => !layers.has(box.id));
  }
  moveRootsRight(boxes, arcs, layers, used, cap);
  return layers;
}

/** The longest chain that starts at each box. */
function depths(boxes: LayoutBox[], arcs: Arcs): Map<string, number> {
  const found = new Map<string, number>();
  const visit = (id: string): number => {
    const known = found.get(id);
    if (known !== undefined) return known;
    const depth = Math.max(0, ...[...(arcs.after.get(id) ?? [])].map((next) => visit(next) + 1));
    found.set(id, depth);
    return depth;
  };
  for (const box of boxes) visit(box.id);
  return found;
}

/** Brings boxes that refer to nothing next to the first that refers to them. */
function moveRootsRight(boxes: LayoutBox[], arcs: Arcs, layers: Map<string, number>, used: number[], cap: number): void {
  for (const box of boxes) {
    if (arcs.before.get(box.id)?.size || !arcs.after.get(box.id)?.size) continue;
    const first = Math.min(...[...(arcs.after.get(box.id) ?? [])].map((id) => layers.get(id) ?? 0));
    const from = layers.get(box.id) ?? 0;
    for (let to = first - 1; to > from; to--) {
      if ((used[to] ?? 0) + box.height > cap) continue;
      layers.set(box.id, to);
      used[to] = (used[to] ?? 0) + box.height + boxGap(box.height);
      used[from] = (used[from] ?? 0) - box.height - boxGap(box.height);
      break;
    }
  }
}

/** About how much the drawing must shrink, counting the lines that pass through columns. */
function shrinkage(part: Component, layers: Map<string, number>, aspect: number): number {
  const widths: number[] = [];
  const heights: number[] = [];
  for (const box of part.boxes) {
    const layer = layers.get(box.id) ?? 0;
    widths[layer] = Math.max(widths[layer] ?? 0, box.width);
    heights[layer] = (heights[layer] ?? 0) + box.height + boxGap(box.height);
  }
  const spans = busSpans(part, layers);
  for (const [low, high] of spans) for (let at = low + 1; at < high; at++) heights[at] = (heights[at] ?? 0) + 2 * lineGap;
  const trunks = widths.map((_, gap) => spans.filter(([low, high]) => low <= gap && gap < high).length);
  const width = widths.reduce((sum, each, gap) => sum + each + 48 + 6 * (trunks[gap] ?? 0), 0);
  return Math.max(width / aspect, ...heights);
}

function busSpans(part: Component, layers: Map<string, number>): [number, number][] {
  const spans = new Map<string, [number, number]>();
  for (const line of part.lines) {
    const ends = [layers.get(line.from) ?? 0, layers.get(line.to) ?? 0];
    const old = spans.get(line.bus) ?? [Infinity, -Infinity];
    spans.set(line.bus, [Math.min(old[0], ...ends), Math.max(old[1], ...ends)]);
  }
  return [...spans.values()];
}
