const VARIABLES = ["ground", "panel", "raised", "line", "text", "muted", "accent", "accent-ground"];
const MARGIN = 24;

/** The picture as a file of its own: its colours are those of the page as it is now. */
export function standalone(picture: SVGGElement, width: number, height: number, title: string): string {
  const colours = getComputedStyle(document.documentElement);
  const style = VARIABLES.reduce((text, name) => text.replaceAll(`var(--${name})`, colours.getPropertyValue(`--${name}`).trim()), STYLE);
  const copy = picture.cloneNode(true) as SVGGElement;
  copy.removeAttribute("transform");
  for (const each of copy.querySelectorAll("[tabindex], [role]")) {
    for (const name of ["tabindex", "role", "data-table"]) each.removeAttribute(name);
  }
  const box = [-MARGIN, -MARGIN, Math.ceil(width) + 2 * MARGIN, Math.ceil(height) + 2 * MARGIN];
  const said = document.createElementNS("http://www.w3.org/2000/svg", "title");
  said.textContent = title;
  const serial = new XMLSerializer();
  const ground = `<rect x="${box[0]}" y="${box[1]}" width="${box[2]}" height="${box[3]}" class="ground"/>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${box.join(" ")}" width="${box[2]}" height="${box[3]}">`
    + `${serial.serializeToString(said)}<style>${style}</style>${ground}${serial.serializeToString(copy)}</svg>\n`;
}

const STYLE = `
.ground { fill: var(--ground); }
text { font: 12px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; fill: var(--text); }
.name { font-weight: 700; font-size: 13px; }
.frame { fill: var(--raised); stroke: var(--line); }
.head { fill: var(--accent-ground); stroke: var(--line); }
.type { fill: var(--muted); }
.mark { fill: var(--accent); font-size: 11px; }
.line path { fill: none; stroke: var(--muted); stroke-width: 1.2; }
.line .marks { fill: var(--ground); }
`;

/** Hand a text to the browser as a file. */
export function download(text: string, name: string, type: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  window.setTimeout(() => URL.revokeObjectURL(url), 1_000);
}
