/** A laid out diagram: what the page and the exported picture draw. */

import type { Diagram, DiagramReference } from "../api";
import { boxesOf, counted, fullName, keyOf, type Box, type Detail } from "./boxes";
import type { Layout, LayoutInput, Point } from "./layout";
import { manyMark, oneMark, pathOf, type Mark } from "./paths";
import { linesOf, wiresOf, type Wire } from "./ports";

/** What is to be laid out. */
export interface Plan { boxes: Map<string, Box>; wires: Wire[]; input: LayoutInput }

/** A box in its place. */
export interface DrawnBox { key: string; box: Box; label: string; x: number; y: number; width: number; height: number }

/** A line in its place, with the keys of the tables at its ends. */
export interface DrawnLine { id: string; from: string; to: string; title: string; path: string; marks: Mark[] }

/** A whole drawing. */
export interface Scene { width: number; height: number; boxes: DrawnBox[]; lines: DrawnLine[] }

/** Measures a diagram, and asks for its layout in a window of that aspect. */
export function planOf(data: Diagram, detail: Detail, aspect: number): Plan {
  const boxes = boxesOf(data, detail);
  const wires = wiresOf(data.references, boxes);
  const sized = [...boxes.values()].map(({ id, width, height }) => ({ id, width, height }));
  return { boxes, wires, input: { boxes: sized, lines: linesOf(wires), aspect } };
}

/** Joins the measured diagram with the layout that came back for it. */
export function sceneOf(plan: Plan, layout: Layout): Scene {
  const places = new Map(layout.boxes.map((place) => [place.id, place]));
  const scene: Scene = { width: layout.width, height: layout.height, boxes: [], lines: [] };
  const neighbours = neighboursOf(plan);
  for (const [key, box] of plan.boxes) {
    const place = places.get(box.id);
    if (place) scene.boxes.push({ ...place, key, box, label: labelOf(box, neighbours.get(box)) });
  }
  const wires = new Map(plan.wires.map((wire) => [wire.id, wire]));
  for (const line of layout.lines) {
    const wire = wires.get(line.id);
    if (wire) scene.lines.push(drawnLine(wire, line.points));
  }
  return scene;
}

interface Neighbours { to: Set<string>; from: Set<string> }

function neighboursOf(plan: Plan): Map<Box, Neighbours> {
  const found = new Map<Box, Neighbours>();
  for (const box of plan.boxes.values()) found.set(box, { to: new Set(), from: new Set() });
  for (const wire of plan.wires) {
    found.get(wire.from)?.to.add(wire.to.prefix + wire.to.table.name);
    found.get(wire.to)?.from.add(wire.from.prefix + wire.from.table.name);
  }
  return found;
}

function labelOf(box: Box, neighbours: Neighbours | undefined): string {
  const said = [`${box.table.kind} ${box.prefix}${box.table.name}`, counted(box.table.columns.length, "column")];
  if (neighbours?.to.size) said.push(`refers to ${[...neighbours.to].join(", ")}`);
  if (neighbours?.from.size) said.push(`referred to by ${[...neighbours.from].join(", ")}`);
  return said.join(", ");
}

function drawnLine(wire: Wire, points: Point[]): DrawnLine {
  const { reference } = wire;
  const marks: Mark[] = [];
  const [first, second] = points;
  const [last, previous] = [points.at(-1), points.at(-2)];
  if (first && second) marks.push(manyMark(first, Math.sign(second.x - first.x) || 1, reference.unique));
  if (last && previous) marks.push(oneMark(last, Math.sign(previous.x - last.x) || 1, reference.nullable));
  const title = titleOf(reference);
  return { id: wire.id, from: keyOf(reference.from), to: keyOf(reference.to), title, path: pathOf(points), marks };
}

function titleOf(reference: DiagramReference): string {
  const ends = [
    `${fullName(reference.from)} (${reference.columns.join(", ")})`,
    `${fullName(reference.to)} (${reference.toColumns.join(", ")})`,
  ];
  const many = reference.unique ? "at most one row refers to each" : "any number of rows refer to each";
  const one = reference.nullable ? "a row may refer to none" : "every row refers to one";
  return `${reference.name}: ${ends.join(" → ")}\n${one}; ${many}`;
}
