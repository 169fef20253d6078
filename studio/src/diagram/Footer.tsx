import type { JSX } from "preact";
import { manyMark, oneMark, type Mark } from "./paths";
import type { DrawnBox } from "./scene";

interface ChosenProps { chosen: DrawnBox | null; focused: boolean; summary: string; focus(): void; open(): void }

/** What the chosen table is and can do, or how much there is in all. */
export function Chosen({ chosen, focused, summary, focus, open }: ChosenProps): JSX.Element {
  if (!chosen) return <p class="diagram-about muted">{summary}</p>;
  return (
    <div class="diagram-chosen-bar">
      <p class="diagram-about" title={chosen.label}>{chosen.label}</p>
      {!focused && <button type="button" onClick={focus}>Show neighbours</button>}
      <button type="button" onClick={open}>Open table</button>
    </div>
  );
}

const start = { x: 0, y: 9 };
const kinds: [string, Mark][] = [
  ["any number", manyMark(start, 1, false)],
  ["none or one", manyMark(start, 1, true)],
  ["exactly one", oneMark(start, 1, false)],
];

/** What the ends of lines mean. */
export function Legend(): JSX.Element {
  return (
    <ul class="diagram-legend" aria-label="Ends of lines">
      {kinds.map(([name, mark]) => (
        <li key={name}>
          <svg width="30" height="18" aria-hidden="true">
            <path class="diagram-line" d={`M0 9h30${mark.strokes}`} />
            {mark.circle && <circle class="diagram-none" cx={mark.circle.x} cy={mark.circle.y} r="3.5" />}
          </svg>
          {name}
        </li>
      ))}
    </ul>
  );
}
