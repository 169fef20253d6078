import { Component, type JSX, type RefObject } from "preact";
import { useImperativeHandle, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import type { TableName } from "../api";
import type { DrawnBox, DrawnLine, Scene } from "./scene";
import { boxShapes, lineShapes } from "./shapes";
import { Drawn } from "./Drawn";
import { viewOf, type View } from "./view";

/** What the toolbar may do with the canvas. */
export interface CanvasHandle { fit(): void; zoomBy(factor: number): void; centre(key: string): void }

/** What boxes and lines report. */
export interface CanvasEvents {
  hover(key: string | null): void;
  /** A line, by its id, or none. */
  point(line: string | null): void;
  select(key: string | null): void;
  enter(table: TableName): void;
  open(table: TableName): void;
  escape(): void;
}

/** What is to be emphasised. `hot` is a table, `line` a line. */
export interface Emphasis {
  hot: string | null;
  line: string | null;
  focus: string | null;
  matches: ReadonlySet<string>;
  current: string | null;
}

interface Props { scene: Scene; emphasis: Emphasis; events: CanvasEvents; handle: RefObject<CanvasHandle> }

const step = 80;

/** The drawing itself, which can be moved, and whose tables can be reached by pointer and keyboard. */
export function Canvas({ scene, emphasis, events, handle }: Props): JSX.Element {
  const svg = useRef<SVGSVGElement>(null);
  const layer = useRef<SVGGElement>(null);
  const view = useRef<View | null>(null);
  const latest = useRef(scene);
  latest.current = scene;
  useLayoutEffect(() => {
    if (!svg.current || !layer.current) return;
    const made = viewOf(svg.current, layer.current);
    view.current = made;
    return () => made.end();
  }, []);
  const fit = () => view.current?.fit(latest.current.width, latest.current.height);
  useLayoutEffect(fit, [scene]);
  useImperativeHandle(handle, () => handleOf(view, latest, fit), []);
  const reveal = useRef((box: DrawnBox) => view.current?.reveal(box)).current;
  const near = useMemo(() => neighbours(scene, emphasis), [scene, emphasis.hot, emphasis.line]);
  const hot = useMemo(() => scene.lines.filter((line) => touches(line, emphasis)), [scene, emphasis.hot, emphasis.line]);
  const lines = useMemo(() => <Lines lines={scene.lines} events={events} />, [scene, events]);
  return (
    <svg
      ref={svg}
      class="diagram-canvas"
      role="group"
      aria-label="Diagram: arrow keys move it, plus and minus zoom, zero fits it, Tab goes from table to table"
      tabindex={0}
      onKeyDown={(event) => onKey(event, view.current, fit, events)}
      onClick={(event) => { if (event.target === svg.current) events.select(null); }}
    >
      <g ref={layer}>
        <g class={hot.length || emphasis.hot ? "diagram-lines diagram-dim" : "diagram-lines"}>{lines}</g>
        <g class="diagram-hot">{hot.map((line) => <g key={line.id}><Drawn shapes={lineShapes(line).slice(2)} /></g>)}</g>
        <g>
          {scene.boxes.map((drawn) => (
            <TableBox key={drawn.key} drawn={drawn} look={lookOf(drawn.key, emphasis, near)} events={events} reveal={reveal} />
          ))}
        </g>
      </g>
    </svg>
  );
}

function handleOf(view: RefObject<View>, scene: { current: Scene }, fit: () => void): CanvasHandle {
  return {
    fit,
    zoomBy: (factor) => view.current?.zoomBy(factor),
    centre: (key) => {
      const box = scene.current.boxes.find((drawn) => drawn.key === key);
      if (box) view.current?.centre(box);
    },
  };
}

function onKey(event: KeyboardEvent, view: View | null, fit: () => void, events: CanvasEvents): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const actions: Record<string, () => void> = {
    ArrowLeft: () => view?.panBy(step, 0),
    ArrowRight: () => view?.panBy(-step, 0),
    ArrowUp: () => view?.panBy(0, step),
    ArrowDown: () => view?.panBy(0, -step),
    "+": () => view?.zoomBy(1.25),
    "=": () => view?.zoomBy(1.25),
    "-": () => view?.zoomBy(0.8),
    "0": fit,
    Escape: events.escape,
  };
  const action = actions[event.key];
  if (!action) return;
  event.preventDefault();
  action();
}

function touches(line: DrawnLine, { hot, line: pointed }: Emphasis): boolean {
  return line.id === pointed || (hot !== null && (line.from === hot || line.to === hot));
}

function neighbours(scene: Scene, emphasis: Emphasis): Set<string> {
  return new Set(scene.lines.filter((line) => touches(line, emphasis)).flatMap((line) => [line.from, line.to]));
}

function lookOf(key: string, emphasis: Emphasis, near: Set<string>): string {
  const look = ["diagram-table"];
  if (near.has(key)) look.push("diagram-near");
  if (emphasis.hot === key) look.push("diagram-chosen");
  if (emphasis.focus === key) look.push("diagram-focus");
  if (emphasis.matches.has(key)) look.push("diagram-match");
  if (emphasis.current === key) look.push("diagram-current");
  return look.join(" ");
}

/** All lines, once: emphasis is drawn over them, so that pointing at a table redraws little. */
function Lines({ lines, events }: { lines: DrawnLine[]; events: CanvasEvents }): JSX.Element {
  return (
    <>
      {lines.map((line) => (
        <g key={line.id} onPointerEnter={() => events.point(line.id)} onPointerLeave={() => events.point(null)}>
          <Drawn shapes={lineShapes(line)} />
        </g>
      ))}
    </>
  );
}

interface TableBoxProps { drawn: DrawnBox; look: string; events: CanvasEvents; reveal(box: DrawnBox): void }

/** A table. It is drawn anew only if it looks different: there may be hundreds. */
class TableBox extends Component<TableBoxProps> {
  override shouldComponentUpdate(next: TableBoxProps): boolean {
    return next.drawn !== this.props.drawn || next.look !== this.props.look || next.events !== this.props.events;
  }

  override render({ drawn, look, events, reveal }: TableBoxProps): JSX.Element {
    const { key, box, label, x, y } = drawn;
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      events.enter(box.table);
    };
    const onFocus = (event: { currentTarget: Element }) => {
      events.select(key);
      if (event.currentTarget.matches(":focus-visible")) reveal(drawn);
    };
    const { under, header, over } = boxShapes(drawn);
    return (
      <g
        class={look}
        transform={`translate(${x} ${y})`}
        onDblClick={() => events.open(box.table)}
        onClick={() => events.select(key)}
        onPointerEnter={() => events.hover(key)}
        onPointerLeave={() => events.hover(null)}
      >
        <Drawn shapes={under} />
        <g class="diagram-button" role="button" tabindex={0} aria-label={label} onKeyDown={onKeyDown} onFocus={onFocus}>
          <Drawn shapes={header} />
        </g>
        <Drawn shapes={over} />
      </g>
    );
  }
}
