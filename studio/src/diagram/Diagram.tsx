import type { JSX } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Diagram as Data, TableName } from "../api";
import { counted, detailFor, fullName, keyOf, type Detail } from "./boxes";
import { Canvas, type CanvasEvents, type CanvasHandle } from "./Canvas";
import { downloadSvg } from "./download";
import { Chosen, Legend } from "./Footer";
import { neighbourhood } from "./neighbourhood";
import { DetailChoice, FocusChoice, SearchBox, ZoomButtons } from "./Toolbar";
import { useScene } from "./useScene";
import { useSearch } from "./useSearch";
import "./diagram.css";

interface Props {
  data: Data;
  /** The table whose neighbours alone are shown, or null for all. */
  focus: TableName | null;
  onFocus(table: TableName | null): void;
  onOpen(table: TableName): void;
}

/** The tables of a database and the references between them, to look at, search and export. */
export function Diagram({ data, focus: wanted, onFocus, onOpen }: Props): JSX.Element {
  // A table that is gone has no neighbours: everything is shown instead.
  const focus = useMemo(() => data.tables.find((table) => wanted && keyOf(table) === keyOf(wanted)) ?? null, [data, wanted]);
  const stage = useRef<HTMLDivElement>(null);
  const canvas = useRef<CanvasHandle>(null);
  const aspect = useAspect(stage);
  const [chosenDetail, setDetail] = useState<Detail | null>(null);
  const [depth, setDepth] = useState(1);
  const [hover, setHover] = useState<string | null>(null);
  const [line, setLine] = useState<string | null>(null);
  const [selected, setSelected] = useState<string | null>(null);
  const focusKey = focus && keyOf(focus);
  const shown = useMemo(() => (focus ? neighbourhood(data, focus, depth) : data), [data, focusKey, depth]);
  const detail = chosenDetail ?? detailFor(shown.tables.length);
  const { drawing, busy, failed } = useScene(data, shown, detail, aspect);
  const search = useSearch(data, drawing, canvas, onFocus, setSelected);
  const events = useEvents({ focusKey, selected, onFocus, onOpen, setHover, setLine, setSelected });
  useEffect(() => { setSelected(null); setHover(null); setLine(null); }, [data]);
  const manySchemas = useMemo(() => new Set(data.tables.map((table) => table.schema)).size > 1, [data]);
  const nameOf = (table: TableName) => (manySchemas ? fullName(table) : table.name);
  const chosen = drawing?.scene.boxes.find((box) => box.key === selected) ?? null;
  const emphasis = { hot: hover ?? (line ? null : (chosen?.key ?? null)), line, focus: focusKey, matches: search.matches, current: search.current };
  const title = focus ? `Tables around ${nameOf(focus)}` : "Tables and their references";
  const summary = `${counted(shown.tables.length, "table")}, ${counted(shown.references.length, "reference")}`;
  return (
    <section class="diagram" aria-label="Entity diagram">
      <div class="diagram-toolbar">
        <SearchBox search={search} tables={data.tables} manySchemas={manySchemas} />
        <DetailChoice value={detail} set={setDetail} />
        {focus && <FocusChoice name={nameOf(focus)} depth={depth} setDepth={setDepth} clear={() => onFocus(null)} />}
        <div class="diagram-right">
          <ZoomButtons zoomBy={(factor) => canvas.current?.zoomBy(factor)} fit={() => canvas.current?.fit()} />
          <button type="button" disabled={!drawing} onClick={() => drawing && downloadSvg(drawing.scene, title)}>Export SVG</button>
        </div>
      </div>
      <div class="diagram-stage" ref={stage}>
        {drawing && <Canvas scene={drawing.scene} emphasis={emphasis} events={events} handle={canvas} />}
        <p class={busy && !failed ? "diagram-busy" : "diagram-busy hidden"} role="status">{busy && !failed ? "laying out…" : ""}</p>
        {failed && <p class="diagram-failed" role="alert">The diagram could not be laid out. Reload the page, or show fewer columns.</p>}
        {!busy && !data.tables.length && <p class="diagram-busy">There are no tables to draw.</p>}
      </div>
      <div class="diagram-footer">
        <Chosen
          chosen={chosen}
          focused={chosen?.key === focusKey}
          summary={summary}
          focus={() => chosen && events.enter(chosen.box.table)}
          open={() => chosen && events.open(chosen.box.table)}
        />
        <Legend />
      </div>
    </section>
  );
}

/** The shape of the window, once it is known. Later changes only matter to the next drawing. */
function useAspect(stage: { current: HTMLDivElement | null }): number | null {
  const [aspect, setAspect] = useState<number | null>(null);
  useLayoutEffect(() => {
    const size = stage.current?.getBoundingClientRect();
    setAspect(size?.height ? Math.min(4, Math.max(0.5, size.width / size.height)) : 1.7);
  }, []);
  return aspect;
}

interface EventContext {
  focusKey: string | null;
  selected: string | null;
  onFocus(table: TableName | null): void;
  onOpen(table: TableName): void;
  setHover(key: string | null): void;
  setLine(line: string | null): void;
  setSelected(key: string | null): void;
}

/** Events that stay the same object, so that boxes need not be drawn anew when a handler changes. */
function useEvents(context: EventContext): CanvasEvents {
  const latest = useRef(context);
  latest.current = context;
  return useMemo((): CanvasEvents => ({
    hover: (key) => latest.current.setHover(key),
    point: (line) => latest.current.setLine(line),
    select: (key) => latest.current.setSelected(key),
    open: ({ schema, name }) => latest.current.onOpen({ schema, name }),
    enter: ({ schema, name }) => {
      const { focusKey, onFocus, onOpen } = latest.current;
      if (focusKey === keyOf({ schema, name })) onOpen({ schema, name });
      else onFocus({ schema, name });
    },
    escape: () => {
      const { focusKey, onFocus, setSelected } = latest.current;
      if (focusKey) onFocus(null);
      else setSelected(null);
    },
  }), []);
}
