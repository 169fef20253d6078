/** What a drawing consists of, described once for the page and for the exported picture. */

import { sizes, type Row } from "./boxes";
import type { DrawnBox, DrawnLine } from "./scene";

/** An SVG element; its text and title are raw, whoever writes it escapes them. */
export interface Shape {
  tag: "g" | "rect" | "path" | "circle" | "text" | "tspan" | "title";
  attrs: Record<string, string | number>;
  text?: string;
  children?: Shape[];
}

const corner = 6;

function titled(title: string): Shape {
  return { tag: "title", attrs: {}, text: title };
}

function text(kind: string, x: number, middle: number, content: string, anchor = "start"): Shape {
  // A third of the size below the middle: baselines by name are not understood everywhere.
  return { tag: "text", attrs: { class: `diagram-${kind}`, x, y: middle + 4, "text-anchor": anchor }, text: content };
}

/** The parts of a table from its own top left corner, in the order of drawing; the header is what can be pressed. */
export interface BoxShapes { under: Shape[]; header: Shape[]; over: Shape[] }

/** Draws a table. */
export function boxShapes(drawn: DrawnBox): BoxShapes {
  const { box, width, height } = drawn;
  const frame: Shape = { tag: "rect", attrs: { class: "diagram-frame", width, height, rx: corner } };
  const head: Shape = { tag: "path", attrs: { class: "diagram-head", d: headPath(width, box.rows.length > 0) } };
  const outline: Shape = { tag: "rect", attrs: { class: "diagram-outline", width, height, rx: corner } };
  const rows = box.rows.map((row) => rowShape(row, width));
  const note = box.note ? [text("type", width - sizes.pad, sizes.header / 2, box.note, "end")] : [];
  return { under: [titled(box.title), frame], header: [head, nameShape(drawn)], over: [...note, ...rows, outline] };
}

function headPath(width: number, rows: boolean): string {
  const high = sizes.header;
  const top = `M0 ${corner}a${corner} ${corner} 0 0 1 ${corner} -${corner}h${width - 2 * corner}a${corner} ${corner} 0 0 1 ${corner} ${corner}`;
  if (rows) return `${top}V${high}H0z`;
  return `${top}V${high - corner}a${corner} ${corner} 0 0 1 -${corner} ${corner}H${corner}a${corner} ${corner} 0 0 1 -${corner} -${corner}z`;
}

function nameShape({ box }: DrawnBox): Shape {
  const name = text("name", sizes.pad, sizes.header / 2 + 0.5, "");
  name.children = [
    { tag: "tspan", attrs: { class: "diagram-prefix" }, text: box.prefix },
    { tag: "tspan", attrs: {}, text: box.name },
  ];
  return name;
}

function rowShape(row: Row, width: number): Shape {
  const primary = row.mark.startsWith("P");
  const children = [titled(row.title)];
  // A ground of its own lets the title appear over the whole row.
  children.push({ tag: "rect", attrs: { class: "diagram-row", x: 1, y: row.y - sizes.row / 2, width: width - 2, height: sizes.row } });
  if (row.mark) children.push(text(primary ? "mark diagram-primary" : "mark", sizes.pad, row.y - 0.5, row.mark));
  children.push(text(primary ? "column diagram-strong" : "column", sizes.pad + sizes.mark, row.y, row.name));
  children.push(text("type", width - sizes.pad, row.y, row.type, "end"));
  return { tag: "g", attrs: {}, children };
}

/** A reference: what it says, a broad unseen line to point at, the line, and the marks at its ends. */
export function lineShapes(line: DrawnLine): Shape[] {
  const shapes: Shape[] = [titled(line.title)];
  shapes.push({ tag: "path", attrs: { class: "diagram-reach", d: line.path } });
  shapes.push({ tag: "path", attrs: { class: "diagram-line", d: line.path } });
  for (const mark of line.marks) {
    shapes.push({ tag: "path", attrs: { class: "diagram-line", d: mark.strokes } });
    if (mark.circle) shapes.push({ tag: "circle", attrs: { class: "diagram-none", cx: mark.circle.x, cy: mark.circle.y, r: 3.5 } });
  }
  return shapes;
}
