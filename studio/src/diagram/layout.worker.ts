import { layout, type Edge, type Size } from "./layout";

self.onmessage = (event: MessageEvent<{ sizes: Size[]; edges: Edge[]; aspect: number }>) => {
  const { sizes, edges, aspect } = event.data;
  self.postMessage(layout(sizes, edges, aspect));
};
