import type { LayoutBox, LayoutLine } from "./layout";

/** Boxes that lines connect, directly or through others, and all of their lines. */
export interface Component { boxes: LayoutBox[]; lines: LayoutLine[] }

/** Splits a diagram into its connected parts, in the order of their first boxes. */
export function componentsOf(boxes: LayoutBox[], lines: LayoutLine[]): Component[] {
  const roots = new Map(boxes.map((box) => [box.id, box.id]));
  for (const line of lines) roots.set(rootOf(roots, line.from), rootOf(roots, line.to));
  const found = new Map<string, Component>();
  for (const box of boxes) componentAt(found, rootOf(roots, box.id)).boxes.push(box);
  for (const line of lines) componentAt(found, rootOf(roots, line.from)).lines.push(line);
  return [...found.values()];
}

function rootOf(roots: Map<string, string>, id: string): string {
  let at = id;
  for (let up = roots.get(at); up !== undefined && up !== at; up = roots.get(at)) at = up;
  roots.set(id, at);
  return at;
}

function componentAt(found: Map<string, Component>, root: string): Component {
  const old = found.get(root);
  if (old) return old;
  const made: Component = { boxes: [], lines: [] };
  found.set(root, made);
  return made;
}
