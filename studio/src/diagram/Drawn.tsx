import { h, type JSX } from "preact";
import type { Shape } from "./shapes";

/** Draws shapes on the page. */
export function Drawn({ shapes }: { shapes: Shape[] }): JSX.Element {
  return <>{shapes.map((shape, index) => drawn(shape, index))}</>;
}

function drawn(shape: Shape, index: number): JSX.Element {
  const children = shape.children?.map(drawn);
  return h(shape.tag, { key: index, ...shape.attrs }, children ?? shape.text);
}
