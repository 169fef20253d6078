import { useEffect, useId, useMemo, useState } from "preact/hooks";
import type { Diagram as Data, TableName } from "../api";
import { drawing, idOf, type Detail } from "./boxes";
import { Picture } from "./Picture";
import { routes } from "./routes";
import { download, standalone } from "./svg";
import { useCanvas } from "./useCanvas";
import { useLayout } from "./useLayout";
import "./diagram.css";

const MANY = 60;

export interface DiagramProps {
  data: Data;
  title: string;
  focus: TableName | null;
  onFocus(table: TableName | null): void;
  onOpen(table: TableName): void;
}

/** Tables and their references: to be read, searched, narrowed to a table and its neighbours, and saved as SVG. */
export function Diagram(props: DiagramProps) {
  const { data, focus, onFocus, onOpen } = props;
  const [detail, setDetail] = useState<Detail>(data.tables.length > MANY ? "names" : "columns");
  const [depth, setDepth] = useState(1);
  const [wanted, setWanted] = useState("");
  const [turn, setTurn] = useState(0);
  const [light, setLight] = useState<string | null>(null);
  const canvas = useCanvas();
  const listed = useId();
  const drawn = useMemo(() => drawing(data, focus && detail === "names" ? "columns" : detail, focus, depth), [data, detail, focus, depth]);
  const placed = useLayout(drawn, 1.5);
  const byId = useMemo(() => new Map(drawn.boxes.map((each) => [each.id, each])), [drawn]);
  const lines = useMemo(() => (placed ? routes(byId, drawn.lines, placed) : []), [placed, byId, drawn]);
  const lit = useMemo(() => (light ? lighted(light, drawn.lines) : null), [light, drawn]);
  const found = useMemo(() => matching(drawn.boxes, wanted), [drawn, wanted]);
  const fit = () => { if (placed) canvas.fit(placed.width, placed.height); };
  useEffect(fit, [placed]);

  function go(event: SubmitEvent): void {
    event.preventDefault();
    const id = found[turn % Math.max(1, found.length)];
    const box = id ? byId.get(id) : undefined;
    const at = id && placed ? placed.places[id] : undefined;
    if (!box || !at) return;
    setTurn(turn + 1);
    canvas.centre(at.x + box.width / 2, at.y + box.height / 2);
    canvas.outer.current?.querySelector<SVGGElement>(`[data-table=${CSS.escape(box.id)}]`)?.focus({ preventScroll: true });
  }
  function choose(id: string): void {
    const table = byId.get(id)?.table;
    if (!table) return;
    if (focus && idOf(focus) === id) onOpen(table);
    else onFocus({ schema: table.schema, name: table.name });
  }
  function save(): void {
    if (canvas.inner.current && placed) download(standalone(canvas.inner.current, placed.width, placed.height, props.title), `${props.title}.svg`, "image/svg+xml");
  }
  return (
    <div class="diagram">
      <div class="toolbar" role="toolbar" aria-label="Diagram">
        <form onSubmit={go}>
          <input type="search" list={listed} aria-label="Find a table" placeholder="Find a table" value={wanted} onInput={(event) => { setWanted(event.currentTarget.value); setTurn(0); }} />
          <datalist id={listed}>{drawn.boxes.map((each) => <option key={each.id} value={each.title} />)}</datalist>
        </form>
        <label>Show <select value={detail} onChange={(event) => setDetail(event.currentTarget.value as Detail)}>
          <option value="columns">all columns</option><option value="keys">keys only</option><option value="names">names only</option>
        </select></label>
        {focus && (
          <>
            <span class="chip">{focus.name} and what is <label><span class="hidden">How far</span><select value={depth} onChange={(event) => setDepth(Number(event.currentTarget.value))}>
              {[1, 2, 3].map((each) => <option key={each} value={each}>{each}</option>)}
            </select></label> away <button type="button" class="quiet" aria-label="Show all tables" onClick={() => onFocus(null)}>✕</button></span>
            <button type="button" onClick={() => onOpen(focus)}>Open {focus.name}</button>
          </>
        )}
        <span class="zooming">
          <button type="button" aria-label="Zoom out" onClick={() => canvas.scale(1 / 1.3)}>−</button>
          <button type="button" aria-label="Zoom in" onClick={() => canvas.scale(1.3)}>+</button>
          <button type="button" onClick={fit}>Fit</button>
          <button type="button" onClick={save} disabled={!placed}>Export SVG</button>
        </span>
      </div>
      <svg ref={canvas.outer} class="canvas" tabIndex={0} role="group" aria-label="Tables and their references; arrow keys move, plus and minus scale, 0 shows all"
        onKeyDown={(event) => { if (event.key === "Escape" && focus) onFocus(null); else canvas.onKey(event, fit); }}>
        <g ref={canvas.inner}>
          {placed && <Picture boxes={drawn.boxes} routes={lines} placed={placed} lit={lit} found={new Set(wanted ? found : [])} onLight={setLight} onChoose={choose}
            onOpen={(id) => { const table = byId.get(id)?.table; if (table) onOpen(table); }} />}
        </g>
      </svg>
      <p class="status" role="status">{placed ? `${drawn.boxes.length} tables, ${drawn.lines.length} references${wanted ? `, ${found.length} found` : ""}` : "laying out …"}</p>
    </div>
  );
}

function lighted(id: string, lines: { id: string; from: string; to: string }[]): Set<string> {
  const found = new Set([id]);
  for (const line of lines) if (line.from === id || line.to === id) { found.add(`line ${line.id}`); found.add(line.from); found.add(line.to); }
  return found;
}

function matching(boxes: { id: string; title: string }[], wanted: string): string[] {
  const needle = wanted.trim().toLowerCase();
  return needle ? boxes.filter((each) => each.title.toLowerCase().includes(needle)).map((each) => each.id) : [];
}
