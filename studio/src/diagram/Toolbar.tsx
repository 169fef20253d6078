import type { JSX } from "preact";
import type { DiagramTable } from "../api";
import { fullName, keyOf, type Detail } from "./boxes";

/** What the search box shows and does. */
export interface Search { text: string; status: string; set(text: string): void; next(): void }

interface SearchProps { search: Search; tables: DiagramTable[]; manySchemas: boolean }

/** The box that finds tables by name. */
export function SearchBox({ search, tables, manySchemas }: SearchProps): JSX.Element {
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter") event.preventDefault(), search.next();
    if (event.key === "Escape") search.set("");
  };
  return (
    <div class="diagram-search">
      <label for="diagram-find">Find a table</label>
      <input
        id="diagram-find"
        type="search"
        list="diagram-tables"
        autocomplete="off"
        spellcheck={false}
        value={search.text}
        onInput={(event) => search.set(event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      <datalist id="diagram-tables">
        {tables.map((table) => <option key={keyOf(table)} value={manySchemas ? fullName(table) : table.name} />)}
      </datalist>
      <span class="muted diagram-found" role="status">{search.status}</span>
    </div>
  );
}

const details: [Detail, string][] = [["all", "all columns"], ["keys", "keys only"], ["names", "names only"]];

/** How much of each table is drawn. */
export function DetailChoice({ value, set }: { value: Detail; set(value: Detail): void }): JSX.Element {
  return (
    <label>
      Detail
      <select value={value} onChange={(event) => set(event.currentTarget.value as Detail)}>
        {details.map(([key, label]) => <option key={key} value={key}>{label}</option>)}
      </select>
    </label>
  );
}

interface FocusProps { name: string; depth: number; setDepth(depth: number): void; clear(): void }

/** Which table's neighbours are shown, and how far. */
export function FocusChoice({ name, depth, setDepth, clear }: FocusProps): JSX.Element {
  return (
    <div class="diagram-focused">
      <label>
        <span class="diagram-around" title={name}>Around {name}</span>
        <select aria-label="How many references away" value={depth} onChange={(event) => setDepth(Number(event.currentTarget.value))}>
          {[1, 2, 3].map((steps) => <option key={steps} value={steps}>{steps === 1 ? "1 step" : `${steps} steps`}</option>)}
        </select>
      </label>
      <button type="button" onClick={clear}>Show all tables</button>
    </div>
  );
}

interface ZoomProps { zoomBy(factor: number): void; fit(): void }

/** Buttons for what wheel and keys do, too. */
export function ZoomButtons({ zoomBy, fit }: ZoomProps): JSX.Element {
  return (
    <div class="diagram-zoom" role="group" aria-label="Zoom">
      <button type="button" aria-label="Zoom out" title="Zoom out (−)" onClick={() => zoomBy(0.8)}>−</button>
      <button type="button" aria-label="Zoom in" title="Zoom in (+)" onClick={() => zoomBy(1.25)}>+</button>
      <button type="button" aria-label="Fit to the window" title="Fit to the window (0)" onClick={fit}>fit</button>
    </div>
  );
}
