import type { Cell, Column } from "../api";
import { bytes } from "../parts/format";

/** Draws a value as its kind is best read. Values are only ever text nodes. */
export function drawCell(column: Column, cell: Cell): HTMLElement {
  if (cell === null) return span("null", "NULL");
  const [text, size] = typeof cell === "string" ? [cell, 0] : [cell.text, cell.cut];
  if (text === "" && !size) return span("empty", "empty");
  const drawn = drawText(column, text);
  if (!size) return drawn;
  const whole = span("cut");
  whole.append(drawn, span("size", `… ${bytes(size)}`));
  return whole;
}

function drawText(column: Column, text: string): HTMLElement {
  switch (column.kind) {
    case "enum": return span("badge", text);
    case "boolean": return span(`badge ${text === "t" || text === "true" ? "good" : "plain"}`, text === "t" || text === "true" ? "true" : "false");
    case "uuid": return titledSpan("mono", `${text.slice(0, 8)}…`, text);
    case "json": case "array": case "bytea": case "other": return span("mono", oneLine(text));
    default: return span("", oneLine(text));
  }
}

/** Line ends and spaces at the edges, which a line of a grid would not show. */
function oneLine(text: string): string {
  const shown = text.replace(/\r?\n/g, "⏎");
  return shown.replace(/^ +| +$/g, (spaces) => "·".repeat(spaces.length));
}

function span(name: string, text = ""): HTMLElement {
  const found = document.createElement("span");
  if (name) found.className = name;
  found.textContent = text;
  return found;
}

function titledSpan(name: string, text: string, title: string): HTMLElement {
  const found = span(name, text);
  found.title = title;
  return found;
}

/** The text of a cell, as far as it was read. */
export function textOf(cell: Cell): string | null {
  return cell === null || typeof cell === "string" ? cell : cell.text;
}
