/** How high every item sits in its column: as level with what it is linked to as its neighbours allow. */

import { boxGap, lineGap } from "./layers";
import type { Item, Network } from "./trails";

interface Pull { other: string; offset: number; weight: number }

const sweeps = 16;

/** The top of each item, and the height of all: that of the fullest column, which no other one exceeds. */
export function heightsOf(columns: Item[][], net: Network): { tops: Map<string, number>; height: number } {
  const height = Math.max(...columns.map(fullHeight));
  const tops = new Map<string, number>();
  for (const column of columns) {
    let at = (height - fullHeight(column)) / 2;
    for (const [index, item] of column.entries()) {
      tops.set(item.id, at);
      at += item.height + between(item, column[index + 1]);
    }
  }
  const pulls = pullsOf(net);
  for (let sweep = 0; sweep < sweeps; sweep++) {
    const ordered = sweep % 2 ? [...columns].reverse() : columns;
    for (const column of ordered) settle(column, pulls, tops, height);
  }
  for (const [id, top] of tops) tops.set(id, Math.round(top));
  return { tops, height: Math.round(height) };
}

function between(item: Item, next: Item | undefined): number {
  if (!next) return 0;
  return item.box && next.box ? Math.max(boxGap(item.height), boxGap(next.height)) : item.box || next.box ? lineGap * 1.75 : lineGap;
}

function fullHeight(column: Item[]): number {
  return column.reduce((sum, item, index) => sum + item.height + between(item, column[index + 1]), 0);
}

function pullsOf(net: Network): Map<string, Pull[]> {
  const boxes = new Set(net.items.filter((item) => item.box).map((item) => item.id));
  const pulls = new Map<string, Pull[]>(net.items.map((item) => [item.id, []]));
  for (const { left, right } of net.links) {
    // A long line looks worst when it wavers: passes hold on to each other.
    const weight = 1 + (boxes.has(left.item) ? 0 : 2) + (boxes.has(right.item) ? 0 : 2);
    pulls.get(left.item)?.push({ other: right.item, offset: right.y - left.y, weight });
    pulls.get(right.item)?.push({ other: left.item, offset: left.y - right.y, weight });
  }
  return pulls;
}

interface Block { sum: number; weight: number; count: number }

/**
 * Moves the items of a column as near to where they are pulled as their order, gaps and the height allow: least
 * squares by pooling neighbours that would overlap, then cut to the height, which keeps it optimal.
 */
function settle(column: Item[], pulls: Map<string, Pull[]>, tops: Map<string, number>, height: number): void {
  const blocks: Block[] = [];
  const offsets: number[] = [];
  let offset = 0;
  for (const [index, item] of column.entries()) {
    offsets.push(offset);
    const wish = wishOf(pulls.get(item.id) ?? [], tops, tops.get(item.id) ?? 0);
    blocks.push({ sum: (wish.at - offset) * wish.weight, weight: wish.weight, count: 1 });
    pool(blocks);
    offset += item.height + between(item, column[index + 1]);
  }
  const values = blocks.flatMap((block) => Array<number>(block.count).fill(block.sum / block.weight));
  for (const [index, item] of column.entries()) {
    const free = Math.min(Math.max(values[index] ?? 0, 0), height - offset);
    tops.set(item.id, free + (offsets[index] ?? 0));
  }
}

function wishOf(pulls: Pull[], tops: Map<string, number>, now: number): { at: number; weight: number } {
  let sum = now * 0.01;
  let weight = 0.01;
  for (const pull of pulls) {
    sum += ((tops.get(pull.other) ?? 0) + pull.offset) * pull.weight;
    weight += pull.weight;
  }
  return { at: sum / weight, weight };
}

function pool(blocks: Block[]): void {
  for (;;) {
    const last = blocks.at(-1);
    const before = blocks.at(-2);
    if (!last || !before || before.sum / before.weight <= last.sum / last.weight) return;
    blocks.splice(-2, 2, { sum: before.sum + last.sum, weight: before.weight + last.weight, count: before.count + last.count });
  }
}
