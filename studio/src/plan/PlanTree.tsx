import { useMemo, useState } from "preact/hooks";
import type { Plan, PlanNode } from "../api";
import { copyText } from "../parts/copy";
import { duration, whole } from "../parts/format";
import "./plan.css";

/** A plan as a tree: for each node its own time, its share of the whole, and what is worth a look. */
export function PlanTree(props: { plan: Plan }) {
  const { plan } = props;
  const [asText, setAsText] = useState(false);
  const costliest = useMemo(() => most(plan.root), [plan]);
  return (
    <section class="plan" aria-label="Plan">
      <header>
        <strong>{plan.analyzed ? "What it did" : "What it would do"}</strong>
        {plan.executionMs !== null && <span>run {duration(plan.executionMs)}</span>}
        {plan.planningMs !== null && <span>planned {duration(plan.planningMs)}</span>}
        {!plan.analyzed && <span class="muted">estimates: it did not run</span>}
        <button type="button" onClick={() => setAsText(!asText)} aria-pressed={asText}>Text</button>
        <button type="button" onClick={() => void copyText(plan.text)}>Copy as text</button>
      </header>
      {asText
        ? <pre tabIndex={0} role="region" aria-label="Plan as text">{plan.text}</pre>
        : <ul class="plan-tree"><Node node={plan.root} costliest={costliest} analyzed={plan.analyzed} /></ul>}
    </section>
  );
}

function most(node: PlanNode): number {
  return Math.max(node.share, ...node.children.map(most));
}

function Node(props: { node: PlanNode; costliest: number; analyzed: boolean }) {
  const { node, costliest, analyzed } = props;
  const percent = Math.round(node.share * 100);
  const isMost = node.share === costliest && node.share > 0.1;
  return (
    <li>
      <details class={isMost ? "node most" : "node"}>
        <summary>
          <span class="title"><strong>{node.title}</strong> {node.on && <span class="mono">{node.on}</span>}</span>
          <span class="numbers">
            <svg width="80" height="10" role="img" aria-label={`${percent} % of the ${analyzed ? "time" : "cost"}`}>
              <rect class="track" width="80" height="10" rx="3" /><rect class="bar" width={Math.max(1, 80 * node.share)} height="10" rx="3" />
            </svg>
            <span class="share">{percent} %</span>
            {node.selfMs !== null && <span class="time" title="its own time">{duration(node.selfMs)}</span>}
            <span class="found">{rowsOf(node)}</span>
          </span>
          {isMost && <span class="badge bad">most of the {analyzed ? "time" : "cost"}</span>}
          {node.warnings.map((each) => <span key={each} class="badge warn">{each}</span>)}
        </summary>
        <ul class="details">
          {node.details.map((each) => <li key={each} class="mono">{each}</li>)}
          <li>cost {whole(node.cost)}{node.totalMs !== null && `, ${duration(node.totalMs)} with all below`}{node.loops !== null && node.loops > 1 && `, ${whole(node.loops)} loops`}</li>
        </ul>
      </details>
      {node.children.length > 0 && <ul>{node.children.map((each, at) => <Node key={at} node={each} costliest={costliest} analyzed={analyzed} />)}</ul>}
    </li>
  );
}

function rowsOf(node: PlanNode): string {
  if (node.rows === null) return `${whole(node.estimatedRows)} rows expected`;
  return `${whole(node.rows)} rows, ${whole(node.estimatedRows)} expected`;
}
