/** How wide a text is, and where it must be cut. */

const widths = new Map<string, number>();
let context: CanvasRenderingContext2D | null | undefined;

/** The width of a text in CSS pixels, measured on a canvas, or estimated where there is none. */
export function widthOf(text: string, font: string): number {
  const key = `${font}\n${text}`;
  const known = widths.get(key);
  if (known !== undefined) return known;
  if (widths.size > 20_000) widths.clear();
  context ??= document.createElement("canvas").getContext("2d");
  if (context) context.font = font;
  const width = context ? context.measureText(text).width : text.length * 7.5;
  widths.set(key, width);
  return width;
}

/** The text itself where it fits, or its beginning and an ellipsis. */
export function cut(text: string, font: string, room: number): string {
  if (widthOf(text, font) <= room) return text;
  const letters = [...text];
  let low = 0;
  let high = Math.max(0, letters.length - 1);
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (widthOf(`${letters.slice(0, middle).join("")}…`, font) <= room) low = middle;
    else high = middle - 1;
  }
  return `${letters.slice(0, low).join("")}…`;
}
