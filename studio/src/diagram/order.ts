/** The order of items within their columns, by dagre, whose heuristics keep crossings few. */

import { Graph, layout as dagre, type GraphLabel, type NodeLabel, type EdgeLabel } from "@dagrejs/dagre";
import type { Item, Network } from "./trails";

/** The items of each column from top to bottom. Dagre's answer depends on the order in which it gets the items. */
export function columnsOf(net: Network, reversed: boolean): Item[][] {
  const graph = graphOf(reversed ? { ...net, items: net.items.toReversed(), links: net.links.toReversed() } : net);
  if (net.links.length) dagre(graph);
  const columns: Item[][] = [];
  for (const item of net.items) (columns[item.layer] ??= []).push(item);
  const at = (item: Item) => graph.node(item.id)?.y ?? 0;
  for (const column of columns) column.sort((a, b) => at(a) - at(b));
  return columns;
}

function graphOf(net: Network): Graph<GraphLabel, NodeLabel, EdgeLabel> {
  const layers = new Map(net.items.map((item) => [item.id, item.layer]));
  const graph = new Graph<GraphLabel, NodeLabel, EdgeLabel>({ directed: true, multigraph: false });
  graph.setGraph({ rankdir: "LR", nodesep: 12, ranksep: 40, ranker: keepLayers(layers) as unknown as "tight-tree" });
  for (const item of net.items) graph.setNode(item.id, { width: Math.max(item.width, 1), height: item.height });
  for (const link of net.links) {
    const weight = (graph.edge(link.left.item, link.right.item)?.weight ?? 0) + 1;
    graph.setEdge(link.left.item, link.right.item, { weight });
  }
  return graph;
}

/** Columns are chosen already; dagre doubles ranks to make room for labels, and adds a root of its own. */
function keepLayers(layers: Map<string, number>) {
  return (graph: Graph<GraphLabel, NodeLabel, EdgeLabel>): void => {
    for (const id of graph.nodes()) {
      const node = graph.node(id);
      if (node) node.rank = 2 * (layers.get(id) ?? -1);
    }
  };
}
