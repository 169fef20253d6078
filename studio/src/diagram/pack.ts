/** Puts the parts of the diagram together: connected ones on shelves, the boxes without lines in a grid below. */

import { badness, type Layout, type LayoutBox, type PlacedBox } from "./layout";

const pieceGap = 44;
const gridGap = 24;

/** Arranges everything so that it shrinks least in a window of that aspect. */
export function arrange(pieces: Layout[], loose: LayoutBox[], aspect: number): Layout {
  const above = shelves(pieces, loose, aspect);
  if (!loose.length) return above;
  let best: Layout | null = null;
  for (let columns = 1; columns <= loose.length; columns++) {
    const found = stack(above, grid(loose, columns));
    if (!best || badness(found, aspect) < badness(best, aspect)) best = found;
  }
  return best ?? above;
}

/** Tries shelves of every useful width, keeping room below for what is loose. */
function shelves(pieces: Layout[], loose: LayoutBox[], aspect: number): Layout {
  const sorted = [...pieces].sort((a, b) => b.height - a.height || b.width - a.width);
  const spare = loose.reduce((sum, box) => sum + (box.width + gridGap) * (box.height + gridGap), 0);
  let best: Layout = { width: 0, height: 0, boxes: [], lines: [] };
  let least = Infinity;
  for (const limit of limitsOf(sorted)) {
    const found = shelve(sorted, limit);
    const cost = badness({ width: found.width, height: found.height + spare / found.width }, aspect);
    if (cost < least) [best, least] = [found, cost];
  }
  return best;
}

function limitsOf(pieces: Layout[]): number[] {
  const widest = Math.max(0, ...pieces.map((piece) => piece.width));
  const total = pieces.reduce((sum, piece) => sum + piece.width + pieceGap, 0);
  return pieces.length ? Array.from({ length: 24 }, (_, index) => widest + ((total - widest) * index) / 23) : [];
}

/** Pieces side by side on shelves, the tallest first; a low one goes below the one before it where there is room. */
function shelve(pieces: Layout[], limit: number): Layout {
  const out: Layout = { width: 0, height: 0, boxes: [], lines: [] };
  const shelf = { y: 0, height: 0, end: 0 };
  let stack = { x: 0, width: 0, end: Infinity };
  for (const piece of pieces) {
    const below = piece.width <= stack.width && stack.end + pieceGap + piece.height <= shelf.y + shelf.height;
    if (!below) {
      if (shelf.end && shelf.end + piece.width > limit + 0.5) Object.assign(shelf, { y: shelf.y + shelf.height + pieceGap, height: 0, end: 0 });
      stack = { x: shelf.end, width: piece.width, end: shelf.y - pieceGap };
      shelf.end += piece.width + pieceGap;
      shelf.height = Math.max(shelf.height, piece.height);
    }
    add(out, piece, stack.x, stack.end + pieceGap);
    stack.end += pieceGap + piece.height;
  }
  return out;
}

function add(out: Layout, piece: Layout, dx: number, dy: number): void {
  for (const box of piece.boxes) out.boxes.push({ ...box, x: box.x + dx, y: box.y + dy });
  for (const line of piece.lines) {
    out.lines.push({ id: line.id, points: line.points.map((point) => ({ x: point.x + dx, y: point.y + dy })) });
  }
  out.width = Math.max(out.width, dx + piece.width);
  out.height = Math.max(out.height, dy + piece.height);
}

/** Boxes in columns of one width, each put where least is stacked so far. */
function grid(boxes: LayoutBox[], columns: number): Layout {
  const width = Math.max(...boxes.map((box) => box.width));
  const filled = Array<number>(columns).fill(0);
  const placed: PlacedBox[] = [];
  for (const box of boxes) {
    const y = Math.min(...filled);
    const column = filled.indexOf(y);
    placed.push({ id: box.id, x: column * (width + gridGap), y, width, height: box.height });
    filled[column] = y + box.height + gridGap;
  }
  return { width: columns * (width + gridGap) - gridGap, height: Math.max(...filled) - gridGap, boxes: placed, lines: [] };
}

function stack(above: Layout, below: Layout): Layout {
  const out: Layout = { width: 0, height: 0, boxes: [], lines: [] };
  add(out, above, 0, 0);
  add(out, below, 0, above.height ? above.height + pieceGap : 0);
  return out;
}
