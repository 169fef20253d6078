import { graphlib, layout as arrange } from "@dagrejs/dagre";

export interface Size { id: string; width: number; height: number }
export interface Edge { from: string; to: string }
export interface Placed { places: Record<string, { x: number; y: number }>; width: number; height: number }

const GAP = 44;
const ROW_GAP = 24;
const COLUMN_GAP = 64;

/** Where each box goes (its upper left corner): what is connected in layers, piece by piece; what stands alone in rows. */
export function layout(sizes: Size[], edges: Edge[], aspect: number): Placed {
  const pieces = connected(sizes, edges);
  const blocks = pieces.filter((piece) => piece.length > 1).map((piece) => layered(piece, edges, aspect));
  const alone = pieces.filter((piece) => piece.length === 1).map((piece) => piece[0] as Size);
  if (alone.length) blocks.push(shelves(alone.map((each) => ({ places: { [each.id]: { x: 0, y: 0 } }, width: each.width, height: each.height })), aspect));
  return shelves(blocks, aspect);
}

function connected(sizes: Size[], edges: Edge[]): Size[][] {
  const parent = new Map(sizes.map((each) => [each.id, each.id]));
  const root = (id: string): string => {
    let at = id;
    while (parent.get(at) !== at) at = parent.get(at) as string;
    return at;
  };
  for (const { from, to } of edges) parent.set(root(from), root(to));
  const pieces = new Map<string, Size[]>();
  for (const each of sizes) pieces.set(root(each.id), [...(pieces.get(root(each.id)) ?? []), each]);
  return [...pieces.values()].sort((a, b) => b.length - a.length);
}

/** One connected piece: layers from left to right, what is referred to first; a layer that is too tall becomes columns. */
function layered(piece: Size[], edges: Edge[], aspect: number): Placed {
  const layers = ranked(piece, edges);
  const tallest = Math.max(...piece.map((each) => each.height));
  const whole = Math.max(...layers.map((layer) => layer.reduce((sum, each) => sum + each.height + ROW_GAP, 0)));
  let best: Placed | null = null;
  for (let height = tallest; ; height *= 1.15) {
    const placed = columned(layers, height);
    if (!best || badness(placed, aspect) < badness(best, aspect)) best = placed;
    if (height > whole) return best;
  }
}

function badness(placed: Placed, aspect: number): number {
  return Math.max(placed.width, placed.height * aspect);
}

/** The layers of a piece, each in the order that crosses the fewest lines. */
function ranked(piece: Size[], edges: Edge[]): Size[][] {
  const graph = new graphlib.Graph();
  graph.setGraph({ rankdir: "LR", nodesep: ROW_GAP, ranksep: COLUMN_GAP, ranker: piece.length > 80 ? "longest-path" : "network-simplex" });
  graph.setDefaultEdgeLabel(() => ({}));
  const ids = new Set(piece.map((each) => each.id));
  for (const { id, width, height } of piece) graph.setNode(id, { width, height });
  for (const { from, to } of edges) if (from !== to && ids.has(from) && ids.has(to)) graph.setEdge(to, from);
  arrange(graph);
  const layers = new Map<number, { size: Size; y: number }[]>();
  for (const size of piece) {
    const { x, y } = graph.node(size.id) as { x: number; y: number };
    const rank = Math.round(x);
    layers.set(rank, [...(layers.get(rank) ?? []), { size, y }]);
  }
  return [...layers].sort(([a], [b]) => a - b).map(([, found]) => found.sort((a, b) => a.y - b.y).map((each) => each.size));
}

/** The layers as columns that are hardly taller than `height`, each in the middle of the others. */
function columned(layers: Size[][], height: number): Placed {
  const columns = layers.flatMap((layer) => broken(layer, height));
  const tall = (column: Size[]) => column.reduce((sum, each) => sum + each.height + ROW_GAP, -ROW_GAP);
  const most = Math.max(...columns.map(tall));
  const found: Placed = { places: {}, width: 0, height: most };
  for (const column of columns) {
    let y = (most - tall(column)) / 2;
    const wide = Math.max(...column.map((each) => each.width));
    for (const each of column) {
      found.places[each.id] = { x: found.width + (wide - each.width) / 2, y };
      y += each.height + ROW_GAP;
    }
    found.width += wide + COLUMN_GAP;
  }
  found.width -= COLUMN_GAP;
  return found;
}

function broken(layer: Size[], height: number): Size[][] {
  const whole = layer.reduce((sum, each) => sum + each.height + ROW_GAP, 0);
  const each = whole / Math.ceil(whole / (height + ROW_GAP));
  const columns: Size[][] = [[]];
  let y = 0;
  for (const size of layer) {
    if (y > 0 && y + size.height / 2 > each) { columns.push([]); y = 0; }
    columns[columns.length - 1]?.push(size);
    y += size.height + ROW_GAP;
  }
  return columns;
}

/** Blocks side by side on shelves, as wide as makes the whole fit the window's proportions. */
function shelves(blocks: Placed[], aspect: number): Placed {
  const area = blocks.reduce((sum, each) => sum + (each.width + GAP) * (each.height + GAP), 0);
  const width = Math.max(Math.sqrt(area * aspect), ...blocks.map((each) => each.width));
  const whole: Placed = { places: {}, width: 0, height: 0 };
  let [x, y, tall] = [0, 0, 0];
  for (const block of blocks) {
    if (x > 0 && x + block.width > width) { x = 0; y += tall + GAP; tall = 0; }
    for (const [id, at] of Object.entries(block.places)) whole.places[id] = { x: x + at.x, y: y + at.y };
    whole.width = Math.max(whole.width, x + block.width);
    whole.height = Math.max(whole.height, y + block.height);
    x += block.width + GAP;
    tall = Math.max(tall, block.height);
  }
  return whole;
}
