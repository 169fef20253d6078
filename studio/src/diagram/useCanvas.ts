import { select } from "d3-selection";
import { zoom, zoomIdentity, zoomTransform, type ZoomBehavior } from "d3-zoom";
import { useEffect, useRef } from "preact/hooks";

const STEP = 1.3;
const PAN = 80;
const MARGIN = 24;

export interface Canvas {
  outer: { current: SVGSVGElement | null };
  inner: { current: SVGGElement | null };
  fit(width: number, height: number): void;
  centre(x: number, y: number): void;
  scale(by: number): void;
  onKey(event: KeyboardEvent, fit: () => void): void;
}

/** A drawing that is moved and scaled by wheel, drag and keys. */
export function useCanvas(): Canvas {
  const outer = useRef<SVGSVGElement>(null);
  const inner = useRef<SVGGElement>(null);
  const behavior = useRef<ZoomBehavior<SVGSVGElement, unknown> | null>(null);
  useEffect(() => {
    if (!outer.current) return;
    behavior.current = zoom<SVGSVGElement, unknown>()
      .scaleExtent([0.05, 3])
      .on("zoom", ({ transform }: { transform: { toString(): string } }) => inner.current?.setAttribute("transform", transform.toString()));
    select(outer.current).call(behavior.current).on("dblclick.zoom", null);
  }, []);
  const on = () => (outer.current && behavior.current ? { svg: select(outer.current), zoom: behavior.current, at: outer.current } : null);
  function fit(width: number, height: number): void {
    const found = on();
    if (!found || !width || !height) return;
    const { clientWidth, clientHeight } = found.at;
    const k = Math.min(1.25, (clientWidth - 2 * MARGIN) / width, (clientHeight - 2 * MARGIN) / height);
    const to = zoomIdentity.translate((clientWidth - width * k) / 2, (clientHeight - height * k) / 2).scale(Math.max(0.05, k));
    found.zoom.transform(found.svg, to);
  }
  function centre(x: number, y: number): void {
    const found = on();
    if (!found) return;
    const k = Math.max(0.8, zoomTransform(found.at).k);
    found.zoom.transform(found.svg, zoomIdentity.translate(found.at.clientWidth / 2 - x * k, found.at.clientHeight / 2 - y * k).scale(k));
  }
  function scale(by: number): void {
    const found = on();
    if (found) found.zoom.scaleBy(found.svg, by);
  }
  function onKey(event: KeyboardEvent, fitAll: () => void): void {
    const found = on();
    const moves: Record<string, [number, number]> = { ArrowLeft: [PAN, 0], ArrowRight: [-PAN, 0], ArrowUp: [0, PAN], ArrowDown: [0, -PAN] };
    const move = moves[event.key];
    if (found && move) found.zoom.translateBy(found.svg, move[0] / zoomTransform(found.at).k, move[1] / zoomTransform(found.at).k);
    else if (event.key === "+" || event.key === "=") scale(STEP);
    else if (event.key === "-") scale(1 / STEP);
    else if (event.key === "0") fitAll();
    else return;
    event.preventDefault();
  }
  return { outer, inner, fit, centre, scale, onKey };
}
