import type { Scene } from "./scene";
import { svgOf, type Palette } from "./svg";

const colours = ["ground", "panel", "raised", "line", "text", "muted", "accent", "accent-ground"] as const;

/** The colours that the page shows now. */
export function currentPalette(): Palette {
  const style = getComputedStyle(document.documentElement);
  const pairs = colours.map((name) => [name, style.getPropertyValue(`--${name}`).trim() || "#808080"]);
  return Object.fromEntries(pairs) as Palette;
}

/** Hands the drawing to the reader as a file. */
export function downloadSvg(scene: Scene, title: string): void {
  const blob = new Blob([svgOf(scene, currentPalette(), title)], { type: "image/svg+xml" });
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = "diagram.svg";
  link.click();
  // The download reads the address after this task.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
