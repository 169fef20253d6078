import { useEffect, useState } from "preact/hooks";
import type { Drawing } from "./boxes";
import type { Placed } from "./layout";

/** Lays a drawing out beside the page's own work; null until it is there, and never one of another drawing. */
export function useLayout(drawing: Drawing, aspect: number): Placed | null {
  const [found, setFound] = useState<{ of: Drawing; placed: Placed } | null>(null);
  useEffect(() => {
    const worker = new Worker(new URL("./layout.worker.ts", import.meta.url), { type: "module" });
    worker.onmessage = (event: MessageEvent<Placed>) => setFound({ of: drawing, placed: event.data });
    worker.postMessage({
      sizes: drawing.boxes.map(({ id, width, height }) => ({ id, width, height })),
      edges: drawing.lines.map(({ from, to }) => ({ from, to })),
      aspect,
    });
    return () => worker.terminate();
  }, [drawing]);
  return found && found.of === drawing ? found.placed : null;
}
