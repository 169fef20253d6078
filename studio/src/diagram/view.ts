/** Pan and zoom of the canvas. */

import { select } from "d3-selection";
import { zoom, zoomIdentity } from "d3-zoom";

interface Area { x: number; y: number; width: number; height: number }

const margin = 20;

/** What moves the drawing under its window. */
export interface View {
  fit(width: number, height: number): void;
  zoomBy(factor: number): void;
  panBy(dx: number, dy: number): void;
  /** Brings an area into the middle, near enough to be read. */
  centre(area: Area): void;
  /** Moves no further than needed to show an area. */
  reveal(area: Area): void;
  end(): void;
}

/** Lets wheel, drag and code move `layer` within `svg`. Steps are immediate: nothing here is animated. */
export function viewOf(svg: SVGSVGElement, layer: SVGGElement): View {
  const size = () => svg.getBoundingClientRect();
  let now = zoomIdentity;
  const behaviour = zoom<SVGSVGElement, unknown>()
    .scaleExtent([0.05, 3])
    .extent(() => [[0, 0], [size().width, size().height]])
    .on("zoom", (event: { transform: typeof zoomIdentity }) => {
      now = event.transform;
      layer.setAttribute("transform", now.toString());
    });
  const target = select(svg).call(behaviour).on("dblclick.zoom", null);
  const move = (x: number, y: number, k: number) => target.call(behaviour.transform, zoomIdentity.translate(x, y).scale(k));
  return {
    fit(width, height) {
      const k = Math.min(1.15, (size().width - 2 * margin) / width, (size().height - 2 * margin) / height);
      if (k > 0) move((size().width - width * k) / 2, (size().height - height * k) / 2, k);
    },
    zoomBy: (factor) => void target.call(behaviour.scaleBy, factor),
    panBy: (dx, dy) => void move(now.x + dx, now.y + dy, now.k),
    centre(area) {
      const k = Math.min(Math.max(now.k, 0.8), size().height / area.height, 3);
      move(size().width / 2 - (area.x + area.width / 2) * k, size().height / 2 - (area.y + area.height / 2) * k, k);
    },
    reveal(area) {
      const dx = shift(now.applyX(area.x), now.applyX(area.x + area.width), size().width);
      const dy = shift(now.applyY(area.y), now.applyY(area.y + area.height), size().height);
      if (dx || dy) move(now.x + dx, now.y + dy, now.k);
    },
    end: () => void target.on(".zoom", null),
  };
}

function shift(low: number, high: number, room: number): number {
  if (low < margin) return margin - low;
  return high > room - margin ? Math.max(room - margin - high, margin - low) : 0;
}
