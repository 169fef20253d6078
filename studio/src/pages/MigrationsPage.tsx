import { useState } from "preact/hooks";
import { useLocation, useSearch } from "wouter-preact";
import { get, query, type Problem } from "../api";
import { asProblem, useAsked } from "../app/useAsked";
import { copyText } from "../parts/copy";
import { bytes, duration, whole } from "../parts/format";
import { ProblemBox } from "../parts/Problem";
import { Highlighted } from "../sql/Highlighted";
import "./migrations.css";

interface Summary {
  id: string; state: string; direction: string; when: string | null; seconds: number | null; role: string; host: string; version: string;
  error: string; hint: string; steps: number; hazards: string[]; replaces: string[]; edited: string[]; in_folder: boolean;
}
interface Told { kind: string; message: string; hint: string }
interface Timeline { migrations: Summary[]; problems: Told[] }
interface Step {
  number: number; transaction: boolean; backfill: { key: string[] } | null; lock_timeout: string | null; statement_timeout: string | null; done_when: string; line: number;
  locks: { relation: string; lock: string }[]; hazards: { code: string; message: string }[];
}
interface Migration { id: string; up: string; down: string; steps: Step[]; down_steps: Step[] }
interface Forecast { id: string; steps: { number: number; transaction: boolean; touched: { name: string; lock: string; bytes: number | null; rows: number | null }[]; hazards: [string, string][]; seconds: number | null }[] }
interface Pending { pending: Forecast[]; problem: Told | null }
interface Drift { passed: string[]; findings: (Told & { lines: string[]; undo: string; adopt: string })[] }

interface Advised { code: string; subject: string; message: string; evidence: string[]; gain: string; cost: string; statements: string[]; instead: string; model: string }
interface Advice { findings: Advised[]; accepted: (Advised & { reason: string })[]; notes: string[] }

const COLOURS: Record<string, string> = { applied: "good", pending: "warn", running: "", failed: "bad", edited: "bad", missing: "bad", unknown: "bad" };

/** The migrations: where each stands, what it does, what is pending, what drifted. */
export default function MigrationsPage() {
  const [version, setVersion] = useState(0);
  const [, go] = useLocation();
  const chosen = new URLSearchParams(useSearch()).get("id");
  const asked = useAsked(String(version), (signal) => get<Timeline>("migrations", {}, signal));
  const found = asked.answer?.migrations ?? [];
  const waiting = found.some((each) => each.state === "pending" || each.state === "failed");
  return (
    <div class="page migrations">
      <div class="tabs"><h1>Migrations</h1><button type="button" onClick={() => setVersion(version + 1)}>Look again</button></div>
      {asked.problem && <ProblemBox problem={asked.problem} />}
      {asked.answer?.problems.map((each) => <ProblemBox key={each.message} problem={{ ...each, code: each.kind }} />)}
      <div class="columns">
        <ol class="timeline" aria-label="Timeline">
          {found.map((each) => <Entry key={each.id} each={each} here={each.id === chosen} onChoose={() => go(`/migrations${query({ id: each.id === chosen ? null : each.id })}`)} />)}
        </ol>
        <div class="told">
          {asked.answer && found.length === 0 && asked.answer.problems.length === 0 && <p class="muted">There is no migration yet: <code>mizzle generate</code> writes one.</p>}
          {chosen ? <One key={chosen} id={chosen} /> : <>{waiting && <Waiting version={version} />}<Comparison />
      <AdviceOf /></>}
        </div>
      </div>
    </div>
  );
}

function Entry(props: { each: Summary; here: boolean; onChoose(): void }) {
  const { each } = props;
  const [number, ...words] = each.id.split("_");
  return (
    <li>
      <button type="button" aria-pressed={props.here} onClick={props.onChoose} disabled={!each.in_folder}>
        <span class={`badge ${COLOURS[each.state] ?? "plain"}`}>{each.state}</span>
        <span class="name">{words.join("_") || number}</span>
        <span class="muted">{number}{each.when && each.state !== "pending" ? ` · ${each.when.slice(0, 16).replace("T", " ")} UTC` : ""}{each.seconds !== null ? ` · ${duration(each.seconds * 1000)}` : ""}{each.role && ` · ${each.role}`}</span>
        {each.hazards.length > 0 && <span class="hazards">{each.hazards.map((code) => <span key={code} class="badge warn">{code}</span>)}</span>}
        {each.replaces.length > 0 && <span class="muted">stands for {each.replaces.length} older ones</span>}
        {each.edited.length > 0 && <span class="badge warn">edited</span>}
      </button>
      {each.error && <p class="error">{each.error}</p>}
      {each.hint && <p class="muted">hint: {each.hint}</p>}
    </li>
  );
}

function One(props: { id: string }) {
  const asked = useAsked(props.id, (signal) => get<Migration>("migration", { id: props.id }, signal));
  const [way, setWay] = useState<"up" | "down">("up");
  if (asked.problem) return <ProblemBox problem={asked.problem} />;
  if (!asked.answer) return <p role="status">reading …</p>;
  const steps = way === "up" ? asked.answer.steps : asked.answer.down_steps;
  const sql = way === "up" ? asked.answer.up : asked.answer.down;
  return (
    <section aria-label={`Migration ${props.id}`}>
      <h2>{props.id}</h2>
      <p class="ways">
        <button type="button" aria-pressed={way === "up"} onClick={() => setWay("up")}>up.sql</button>
        <button type="button" aria-pressed={way === "down"} onClick={() => setWay("down")}>down.sql</button>
        <button type="button" onClick={() => void copyText(sql)}>Copy</button>
      </p>
      <ol class="steps">
        {steps.map((step) => (
          <li key={step.number}>
            <strong>Step {step.number}</strong> <span class="muted">{step.backfill ? `in batches by ${step.backfill.key.join(", ")}` : step.transaction ? "in a transaction" : "outside a transaction"}{step.lock_timeout && `, waits ${step.lock_timeout} for locks`}{step.done_when && `, done when ${step.done_when}`}</span>
            {step.locks.length > 0 && <ul>{step.locks.map((each) => <li key={each.relation}><code>{each.lock}</code> on <code>{each.relation}</code></li>)}</ul>}
            {step.hazards.length > 0 && <ul>{step.hazards.map((each) => <li key={each.code + each.message}><span class="badge warn">{each.code}</span> {each.message}</li>)}</ul>}
            {step.locks.length + step.hazards.length === 0 && <p class="muted">locks nothing that was there before, no hazards</p>}
          </li>
        ))}
      </ol>
      <Highlighted sql={sql} label={`${way}.sql`} />
    </section>
  );
}

function Waiting(props: { version: number }) {
  const asked = useAsked(`pending ${props.version}`, (signal) => get<Pending>("pending", {}, signal));
  const problem = asked.problem ?? (asked.answer?.problem && { ...asked.answer.problem, code: "" });
  return (
    <section aria-label="Pending">
      <h2>What <code>mizzle migrate</code> would do</h2>
      {problem && <ProblemBox problem={problem} />}
      {!asked.answer && !problem && <p role="status">looking …</p>}
      {asked.answer?.pending.map((each) => (
        <div key={each.id}>
          <h3>{each.id}</h3>
          <ol class="steps">
            {each.steps.map((step) => (
              <li key={step.number}>
                <strong>Step {step.number}</strong> <span class="muted">{step.seconds === null ? "nobody can say how long" : step.seconds < 1 ? "short" : `about ${duration(step.seconds * 1000)}`}</span>
                <ul>
                  {step.touched.map((it) => <li key={it.name}><code>{it.lock}</code> on <code>{it.name}</code>{it.bytes !== null && it.rows !== null && <span class="muted"> ({bytes(it.bytes)}, about {whole(it.rows)} rows)</span>}</li>)}
                  {step.hazards.map(([code, message]) => <li key={code + message}><span class="badge warn">{code}</span> {message}</li>)}
                </ul>
              </li>
            ))}
          </ol>
        </div>
      ))}
    </section>
  );
}

function Comparison() {
  const [found, setFound] = useState<Drift | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  async function compare() {
    setBusy(true);
    setProblem(null);
    try { setFound(await get<Drift>("drift")); } catch (error) { setFound(null); setProblem(asProblem(error)); }
    setBusy(false);
  }
  return (
    <section aria-label="Drift">
      <h2>Models, migrations and database</h2>
      <p><button type="button" class="primary" disabled={busy} onClick={() => void compare()}>{busy ? "Comparing …" : "Compare them"}</button> <span class="muted">Replays the migrations on a throw-away server, and compares; the database is only read.</span></p>
      {problem && <ProblemBox problem={problem} />}
      {found && (
        <ul class="plain" aria-label="What was found">
          {found.passed.map((each) => <li key={each}><span class="badge good">ok</span> {each}</li>)}
          {found.findings.map((each) => <Finding key={each.kind + each.message} each={each} />)}
        </ul>
      )}
    </section>
  );
}

function AdviceOf() {
  const [found, setFound] = useState<Advice | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  async function look() {
    setBusy(true);
    setProblem(null);
    try { setFound(await get<Advice>("advice")); } catch (error) { setFound(null); setProblem(asProblem(error)); }
    setBusy(false);
  }
  const codes = [...new Set(found?.findings.map((each) => each.code))];
  return (
    <section aria-label="Advice">
      <h2>What could be better</h2>
      <p><button type="button" class="primary" disabled={busy} onClick={() => void look()}>{busy ? "Looking …" : "Look for advice"}</button> <span class="muted">Indexes, types, sizes, tenants, with the evidence; the database is only read.</span></p>
      {problem && <ProblemBox problem={problem} />}
      {found && <p role="status">{found.findings.length === 1 ? "1 finding" : `${found.findings.length} findings`}{found.accepted.length > 0 && `; ${found.accepted.length} accepted by the configuration`}. {found.findings.some((each) => each.statements.length > 0) && <><code>mizzle advise --write</code> writes the migration.</>}</p>}
      {codes.map((code) => (
        <details key={code} class="advice">
          <summary><span class="badge warn">{code}</span> {found?.findings.filter((each) => each.code === code).length}</summary>
          <ul class="plain">{found?.findings.filter((each) => each.code === code).map((each) => <AdvisedItem key={each.subject} each={each} />)}</ul>
        </details>
      ))}
      {found?.notes.map((each) => <p key={each} class="muted">{each}</p>)}
    </section>
  );
}

function AdvisedItem(props: { each: Advised }) {
  const { each } = props;
  return (
    <li class="finding">
      <strong>{each.subject}</strong>
      <p>{each.message}</p>
      <dl class="why">
        {each.evidence.map((text) => <div key={text}><dt>because</dt><dd>{text}</dd></div>)}
        {each.gain && <div><dt>gain</dt><dd>{each.gain}</dd></div>}
        {each.cost && <div><dt>cost</dt><dd>{each.cost}</dd></div>}
        {each.instead && <div><dt>instead</dt><dd>{each.instead}</dd></div>}
      </dl>
      {each.statements.length > 0 && <Highlighted sql={each.statements.map((sql) => `${sql};`).join("\n")} label={`SQL for ${each.subject}`} />}
    </li>
  );
}

function Finding(props: { each: Drift["findings"][number] }) {
  const { each } = props;
  return (
    <li class="finding">
      <span class="badge bad">{each.kind}</span> <strong>{each.message}</strong>
      {each.lines.length > 0 && <pre class="diff" tabIndex={0} role="region" aria-label={`Differences: ${each.kind}`}>{each.lines.map((line, at) => <span key={at} class={sign(line)}>{line}{"\n"}</span>)}</pre>}
      {each.undo && <><p>To make the database what its migrations say:</p><Highlighted sql={each.undo} label="SQL that undoes the drift" /></>}
      {each.adopt && <><p>To take over what the database has, in a migration:</p><Highlighted sql={each.adopt} label="SQL that adopts the drift" /></>}
      {each.hint && <p class="muted">hint: {each.hint}</p>}
    </li>
  );
}

function sign(line: string): string {
  if (/only in the database/.test(line) || /^\s*\+/.test(line)) return "plus";
  return /not in the database/.test(line) || /^\s*-/.test(line) ? "minus" : "";
}
