import { get, type Cell, type Filter, type TableName } from "../api";
import { titled } from "../parts/format";
import { textOf } from "./cells";

interface Preview { columns: string[]; more: number; row: Cell[] | null }

const known = new Map<string, Preview>();
let asking: AbortController | null = null;
let timer = 0;

/** Show the row that a link leads to beside it, while it is pointed at or has the focus. */
export function previewed(link: HTMLElement, table: TableName, filters: Filter[]): void {
  const show = () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => void open(link, table, filters), 180);
  };
  link.addEventListener("mouseenter", show);
  link.addEventListener("focus", show);
  link.addEventListener("mouseleave", closePreview);
  link.addEventListener("blur", closePreview);
}

export function closePreview(): void {
  window.clearTimeout(timer);
  asking?.abort();
  document.getElementById("preview")?.remove();
}

async function open(link: HTMLElement, table: TableName, filters: Filter[]): Promise<void> {
  closePreview();
  const key = JSON.stringify([table, filters]);
  asking = new AbortController();
  try {
    const found = known.get(key) ?? await get<Preview>("preview", { schema: table.schema, table: table.name, filters: JSON.stringify(filters) }, asking.signal);
    if (known.size > 200) known.clear();
    known.set(key, found);
    place(link, drawn(table, found));
  } catch {
    // A preview that cannot be had is none: the link still leads there, and says why.
  }
}

function drawn(table: TableName, found: Preview): HTMLElement {
  const box = document.createElement("div");
  box.id = "preview";
  box.setAttribute("role", "tooltip");
  const title = document.createElement("strong");
  title.textContent = titled(table);
  box.append(title);
  const list = document.createElement("dl");
  for (const [number, name] of found.columns.entries()) {
    const term = document.createElement("dt");
    term.textContent = name;
    const value = document.createElement("dd");
    const cell = found.row?.[number] ?? null;
    value.textContent = cell === null ? "NULL" : (textOf(cell) ?? "").slice(0, 80);
    if (cell === null) value.className = "null";
    list.append(term, value);
  }
  if (found.row) box.append(list);
  else box.append("There is no such row.");
  return box;
}

function place(link: HTMLElement, box: HTMLElement): void {
  document.body.append(box);
  const from = link.getBoundingClientRect();
  const below = from.bottom + box.offsetHeight + 12 < window.innerHeight;
  box.style.left = `${Math.max(8, Math.min(from.left, window.innerWidth - box.offsetWidth - 8))}px`;
  box.style.top = `${below ? from.bottom + 6 : Math.max(8, from.top - box.offsetHeight - 6)}px`;
}
