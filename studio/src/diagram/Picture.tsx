import { fitted, HEAD, ROW, typeText, type Box } from "./boxes";
import type { Placed } from "./layout";
import type { Route } from "./routes";

export interface PictureProps {
  boxes: Box[];
  routes: Route[];
  placed: Placed;
  lit: ReadonlySet<string> | null;
  found: ReadonlySet<string>;
  onLight(id: string | null): void;
  onChoose(id: string): void;
  onOpen(id: string): void;
}

/** The lines, and the boxes above them. */
export function Picture(props: PictureProps) {
  const { boxes, routes, placed, lit } = props;
  return (
    <>
      {routes.map(({ line, path, marks }) => {
        const isLit = lit !== null && lit.has(`line ${line.id}`);
        return (
          <g key={line.id} class={`line ${isLit ? "lit" : lit ? "dim" : ""}`}>
            <path d={path}><title>{`${line.reference.from.name}.${line.reference.columns.join(", ")} → ${line.reference.to.name}.${line.reference.toColumns.join(", ")}`}</title></path>
            <path d={marks} class="marks" />
          </g>
        );
      })}
      {boxes.map((box) => <TableBox key={box.id} {...props} box={box} at={placed.places[box.id] ?? { x: 0, y: 0 }} />)}
    </>
  );
}

function TableBox(props: PictureProps & { box: Box; at: { x: number; y: number } }) {
  const { box, at, lit, found, onLight, onChoose, onOpen } = props;
  const dim = lit !== null && !lit.has(box.id);
  function press(event: KeyboardEvent) {
    if (event.key === "Enter") { event.stopPropagation(); (event.shiftKey ? onOpen : onChoose)(box.id); }
  }
  return (
    <g class={`table ${dim ? "dim" : ""} ${found.has(box.id) ? "found" : ""}`} transform={`translate(${at.x} ${at.y})`} tabIndex={0} role="button" data-table={box.id}
      onKeyDown={press}
      onMouseEnter={() => onLight(box.id)} onMouseLeave={() => onLight(null)} onFocus={() => onLight(box.id)} onBlur={() => onLight(null)}
      onClick={() => onChoose(box.id)} onDblClick={() => onOpen(box.id)}>
      <rect class="frame" width={box.width} height={box.height} rx="6" />
      <path class="head" d={`M0 6a6 6 0 0 1 6 -6H${box.width - 6}a6 6 0 0 1 6 6V${HEAD}H0Z`} />
      <text class="name" x="10" y="19"><title>{box.table.comment ?? box.title}</title>{fitted(box.title, (box.width - 20) / 1.1)}</text>
      {box.rows.map((column, number) => {
        const y = HEAD + number * ROW + 14;
        const type = typeText(column);
        return (
          <g key={column.name}>
            <text class={`mark ${column.primary ? "primary" : ""}`} x="8" y={y}>{column.primary ? "◆" : column.foreign ? "→" : ""}</text>
            <text class="column" x="24" y={y}><title>{`${column.name} ${column.type}${column.primary ? ", key" : ""}${column.foreign ? ", refers to another table" : ""}`}</title>{fitted(column.name, box.width - 40 - Math.min(type.length, 12) * 6.7)}</text>
            <text class="type" x={box.width - 8} y={y} text-anchor="end">{fitted(type, box.width - 40 - column.name.length * 6.7 > 60 ? box.width - 40 - column.name.length * 6.7 : 60)}</text>
          </g>
        );
      })}
      {box.hidden > 0 && <text class="type" x="24" y={HEAD + box.rows.length * ROW + 14}>{box.hidden} more</text>}
    </g>
  );
}
