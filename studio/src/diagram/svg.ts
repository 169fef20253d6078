/** The diagram as a picture of its own: a standalone SVG text. */

import { fonts } from "./boxes";
import type { Scene } from "./scene";
import { boxShapes, lineShapes, type Shape } from "./shapes";

/** The colours of the theme that the picture is drawn in. */
export type Palette = Record<"ground" | "panel" | "raised" | "line" | "text" | "muted" | "accent" | "accent-ground", string>;

const margin = 24;

/** Writes a drawing as SVG. Names may hold anything: they are escaped, or replaced where XML cannot hold them. */
export function svgOf(scene: Scene, palette: Palette, title: string): string {
  const [width, height] = [Math.ceil(scene.width) + 2 * margin, Math.ceil(scene.height) + 2 * margin];
  const ground: Shape = { tag: "rect", attrs: { class: "diagram-ground", width, height } };
  const lines = scene.lines.map((line): Shape => ({ tag: "g", attrs: {}, children: lineShapes(line) }));
  const boxes = scene.boxes.map((box): Shape => {
    const { under, header, over } = boxShapes(box);
    return { tag: "g", attrs: { transform: `translate(${box.x} ${box.y})` }, children: [...under, ...header, ...over] };
  });
  const all: Shape = { tag: "g", attrs: { transform: `translate(${margin} ${margin})` }, children: [...lines, ...boxes] };
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    `<title>${escaped(title)}</title>`,
    `<style>${escaped(rules(palette))}</style>`,
    written(ground),
    written(all),
    "</svg>\n",
  ].join("\n");
}

function rules(palette: Palette): string {
  return `
text { font-family: ${fonts.family}; fill: ${palette.text}; }
.diagram-ground { fill: ${palette.panel}; }
.diagram-frame { fill: ${palette.raised}; }
.diagram-head { fill: ${palette["accent-ground"]}; }
.diagram-outline { fill: none; stroke: ${palette.line}; }
.diagram-row, .diagram-reach { fill: none; stroke: none; }
.diagram-name { font-size: ${fonts.title}px; font-weight: 600; }
.diagram-prefix { font-weight: 400; fill: ${palette.muted}; }
.diagram-column { font-size: ${fonts.row}px; }
.diagram-strong { font-weight: 600; }
.diagram-type { font-size: ${fonts.type}px; fill: ${palette.muted}; }
.diagram-mark { font-size: ${fonts.mark}px; font-weight: 600; fill: ${palette.muted}; }
.diagram-primary { fill: ${palette.accent}; }
.diagram-line { fill: none; stroke: ${palette.muted}; stroke-width: 1.25; }
.diagram-none { fill: ${palette.panel}; stroke: ${palette.muted}; stroke-width: 1.25; }
`;
}

function written(shape: Shape): string {
  const attrs = Object.entries(shape.attrs).map(([name, value]) => ` ${name}="${escaped(String(value))}"`);
  const inner = shape.children?.map(written).join("") ?? escaped(shape.text ?? "");
  return `<${shape.tag}${attrs.join("")}>${inner}</${shape.tag}>`;
}

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** XML has no way at all to write most control characters, lone surrogates and two others. */
const unwritable = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu;

function escaped(text: string): string {
  return text.replace(unwritable, "\uFFFD").replace(/[&<>"']/g, (character) => entities[character] ?? character);
}
