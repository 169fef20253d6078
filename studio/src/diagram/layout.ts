/** Where every box and line of the diagram goes: a pure function on sizes, without names, text or a document. */

import { componentsOf } from "./components";
import { drawComponent, type Piece } from "./component";
import { arrange } from "./pack";

export interface Point { x: number; y: number }

/** A box to place. Ids are made up by the caller; boxes may grow in width to line up with others. */
export interface LayoutBox { id: string; width: number; height: number }

/** A line from the referring box (`from`) to the box referred to (`to`), at heights within them. */
export interface LayoutLine {
  id: string;
  from: string;
  to: string;
  fromY: number;
  toY: number;
  /** Lines of one bus end at one point of the box referred to, and share a trunk. */
  bus: string;
}

export interface LayoutInput {
  boxes: LayoutBox[];
  lines: LayoutLine[];
  /** Width by height of the window that it should fit into. */
  aspect: number;
}

export interface PlacedBox { id: string; x: number; y: number; width: number; height: number }

/** The corners of a line, from the referring box on. */
export interface PlacedLine { id: string; points: Point[] }

export interface Layout { width: number; height: number; boxes: PlacedBox[]; lines: PlacedLine[] }

/** Beyond this many boxes only one shape of the components is tried, to stay quick. */
const fewBoxes = 80;

/** Beyond this many, only one order within the columns is tried, too. */
const someBoxes = 250;

/** Lays out connected tables column by column, and the others in a grid below them. */
export function layout(input: LayoutInput): Layout {
  const groups = componentsOf(input.boxes, input.lines);
  const connected = groups.filter((group) => group.lines.length > 0);
  const loose = groups.filter((group) => group.lines.length === 0).flatMap((group) => group.boxes);
  const shapes = input.boxes.length > fewBoxes ? [1.2] : connected.length > 1 ? [0.4, 0.65, 1, 1.6] : [1, 1.4, 2];
  let best: Layout | null = null;
  const careful = input.boxes.length <= someBoxes;
  for (const shape of shapes) {
    const pieces: Piece[] = connected.map((group) => drawComponent(group, input.aspect * shape, careful));
    const found = arrange(pieces, loose, input.aspect);
    if (!best || badness(found, input.aspect) < badness(best, input.aspect)) best = found;
  }
  return best ?? { width: 0, height: 0, boxes: [], lines: [] };
}

/** How much a drawing must shrink to fit a window of that aspect: less is better. */
export function badness(size: { width: number; height: number }, aspect: number): number {
  return Math.max(size.width / aspect, size.height);
}
