/** The outlines of lines and of the marks at their ends, as path data. */

import type { Point } from "./layout";

const radius = 6;

/** A line with rounded corners. */
export function pathOf(points: Point[]): string {
  const [first, ...rest] = points;
  if (!first) return "";
  let path = `M${first.x} ${first.y}`;
  let before = first;
  for (const [index, point] of rest.entries()) {
    const after = rest[index + 1];
    path += after ? corner(before, point, after) : `L${point.x} ${point.y}`;
    before = point;
  }
  return path;
}

function corner(before: Point, at: Point, after: Point): string {
  const room = Math.min(radius, distance(before, at) / 2, distance(at, after) / 2);
  const start = towards(at, before, room);
  const end = towards(at, after, room);
  return `L${start.x} ${start.y}Q${at.x} ${at.y} ${end.x} ${end.y}`;
}

function distance(a: Point, b: Point): number {
  return Math.abs(a.x - b.x) + Math.abs(a.y - b.y);
}

function towards(from: Point, to: Point, by: number): Point {
  return { x: from.x + Math.sign(to.x - from.x) * by, y: from.y + Math.sign(to.y - from.y) * by };
}

/** The mark at an end: strokes, and a circle where there may be none. */
export interface Mark { strokes: string; circle: Point | null }

/** Crow's foot at the referring end: many, or at most one; none is always possible. */
export function manyMark(at: Point, side: number, unique: boolean): Mark {
  if (unique) return { strokes: bar(at, side, 6), circle: { x: at.x + side * 13, y: at.y } };
  const tip = at.x + side * 11;
  const strokes = `M${tip} ${at.y}L${at.x} ${at.y - 5}M${tip} ${at.y}L${at.x} ${at.y + 5}`;
  return { strokes, circle: { x: at.x + side * 15, y: at.y } };
}

/** The mark at the end referred to: exactly one, or none or one. */
export function oneMark(at: Point, side: number, nullable: boolean): Mark {
  if (nullable) return { strokes: bar(at, side, 6), circle: { x: at.x + side * 13, y: at.y } };
  return { strokes: bar(at, side, 6) + bar(at, side, 10), circle: null };
}

function bar(at: Point, side: number, by: number): string {
  return `M${at.x + side * by} ${at.y - 4}v8`;
}
