import { graphlib, layout as arrange } from "@dagrejs/dagre";

export interface Size { id: string; width: number; height: number }
export interface Edge { from: string; to: string }
export interface Placed { places: Record<string, { x: number; y: number }>; width: number; height: number }

const GAP = 44;

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

/** One connected piece: the direction whose result is nearer to the window's own proportions. */
function layered(piece: Size[], edges: Edge[], aspect: number): Placed {
  const tries = (piece.length > 80 ? ["LR"] : ["LR", "TB"]).map((direction) => ranked(piece, edges, direction));
  return tries.sort((a, b) => badness(a, aspect) - badness(b, aspect))[0] as Placed;
}

function badness(placed: Placed, aspect: number): number {
  return Math.max(placed.width, placed.height * aspect);
}

function ranked(piece: Size[], edges: Edge[], direction: string): Placed {
  const graph = new graphlib.Graph();
  graph.setGraph({ rankdir: direction, nodesep: 26, ranksep: 70, marginx: 0, marginy: 0, ranker: piece.length > 80 ? "longest-path" : "network-simplex" });
  graph.setDefaultEdgeLabel(() => ({}));
  const ids = new Set(piece.map((each) => each.id));
  for (const { id, width, height } of piece) graph.setNode(id, { width, height });
  for (const { from, to } of edges) if (from !== to && ids.has(from) && ids.has(to)) graph.setEdge(to, from);
  arrange(graph);
  const places: Placed["places"] = {};
  for (const { id, width, height } of piece) {
    const { x, y } = graph.node(id) as { x: number; y: number };
    places[id] = { x: x - width / 2, y: y - height / 2 };
  }
  return moved(places, piece);
}

function moved(places: Placed["places"], sizes: Size[]): Placed {
  const left = Math.min(...sizes.map(({ id }) => places[id]?.x ?? 0));
  const top = Math.min(...sizes.map(({ id }) => places[id]?.y ?? 0));
  const found: Placed = { places: {}, width: 0, height: 0 };
  for (const { id, width, height } of sizes) {
    const at = places[id] ?? { x: 0, y: 0 };
    found.places[id] = { x: at.x - left, y: at.y - top };
    found.width = Math.max(found.width, at.x - left + width);
    found.height = Math.max(found.height, at.y - top + height);
  }
  return found;
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
