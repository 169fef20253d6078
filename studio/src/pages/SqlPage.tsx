import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { get, post, type Cell, type Column, type Diagram, type Plan, type Problem } from "../api";
import { useShared } from "../app/context";
import { asProblem, useAsked } from "../app/useAsked";
import { Grid } from "../data/Grid";
import { duration, whole } from "../parts/format";
import { Menu, closeMenu } from "../parts/Menu";
import { ProblemBox } from "../parts/Problem";
import { PlanTree } from "../plan/PlanTree";
import { Editor, type Completion, type EditorHandle } from "../sql/Editor";
import { keep, remembered, type Run } from "../sql/memory";
import "../data/data.css";
import "./sqlpage.css";

interface Result {
  columns: { name: string; type: string }[];
  rows: Cell[][];
  more: boolean;
  ms: number;
  command: string;
  affected: number | null;
  committed: boolean;
}

const LIMITS = [5, 30, 60, 300, 600];

/** A console: one statement at a time, its rows, its plan. */
export default function SqlPage() {
  const { overview, reload } = useShared();
  const [store] = useState(() => remembered(overview.database));
  const [text, setText] = useState(store.draft);
  const [runs, setRuns] = useState<Run[]>(store.runs);
  const [seconds, setSeconds] = useState(5);
  const [result, setResult] = useState<Result | null>(null);
  const [plan, setPlan] = useState<Plan | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [errorAt, setErrorAt] = useState<number | null>(null);
  const [tried, setTried] = useState<{ sql: string; affected: number | null } | null>(null);
  const editor = useRef<EditorHandle | null>(null);
  const stopper = useRef<AbortController | null>(null);
  const [busy, setBusy] = useState(false);
  const completion = useCompletion();
  useEffect(() => () => stopper.current?.abort(), []);
  useEffect(() => keep(overview.database, { draft: text, runs }), [text, runs, overview.database]);

  async function doing(sql: string, offset: number, work: (signal: AbortSignal) => Promise<void>) {
    stopper.current?.abort();
    const mine = new AbortController();
    stopper.current = mine;
    setBusy(true);
    setProblem(null);
    setErrorAt(null);
    setTried(null);
    const began = performance.now();
    try {
      await work(mine.signal);
      note(sql, performance.now() - began, "");
    } catch (error) {
      if (mine.signal.aborted) { setProblem({ message: "cancelled", hint: "", code: "cancelled" }); return; }
      const told = asProblem(error);
      setResult(null);
      setPlan(null);
      setProblem(told);
      const { position } = told as Problem & { position?: number };
      if (position) setErrorAt(offset + leading(sql) + position - 1);
      note(sql, performance.now() - began, told.message);
    } finally {
      if (stopper.current === mine) setBusy(false);
    }
  }
  function note(sql: string, ms: number, error: string) {
    const run = { sql: sql.trim(), at: new Date().toISOString(), ms: Math.round(ms), error };
    setRuns((before) => [run, ...before.filter((each) => each.sql !== run.sql)].slice(0, 100));
  }
  const run = (sql: string, offset: number) => doing(sql, offset, async (signal) => {
    const found = await post<Result>("sql", { sql, seconds }, signal);
    setPlan(null);
    setResult(found);
    if (overview.write && found.affected !== null && !found.command.startsWith("SELECT") && !found.command.startsWith("SHOW") && !found.command.startsWith("EXPLAIN")) setTried({ sql, affected: found.affected });
    else if (overview.write && changesSchema(found.command)) setTried({ sql, affected: null });
  });
  const commit = (sql: string, expected: number | null) => doing(sql, 0, async (signal) => {
    setResult(await post<Result>("sql", { sql, seconds, commit: true, expected }, signal));
    reload();
  });
  const explain = (analyze: boolean) => {
    const [sql, offset] = editor.current?.statement() ?? [text, 0];
    void doing(sql, offset, async (signal) => {
      setPlan(await post<Plan>("explain", { sql, seconds, analyze }, signal));
      setResult(null);
    });
  };
  return (
    <div class="page sql-page">
      <h1 class="hidden">SQL</h1>
      <Editor initial={store.draft} onChange={setText} onRun={(sql, offset) => void run(sql, offset)} label="SQL" completion={completion} errorAt={errorAt} handle={editor} />
      <div class="toolbar" role="toolbar" aria-label="Statement">
        <button type="button" class="primary" disabled={busy} onClick={() => void run(...(editor.current?.statement() ?? [text, 0]))} title="Ctrl-Enter runs the selection, or the statement that the cursor is in">Run</button>
        <button type="button" disabled={busy} onClick={() => explain(false)} title="What PostgreSQL would do">Explain</button>
        <button type="button" disabled={busy} onClick={() => explain(true)} title="Run it, and say where the time went; what it changes is rolled back">Explain and run</button>
        <button type="button" class="danger" disabled={!busy} onClick={() => stopper.current?.abort()}>Cancel</button>
        <label>Time limit <select value={seconds} onChange={(event) => setSeconds(Number(event.currentTarget.value))}>
          {LIMITS.map((each) => <option key={each} value={each}>{each < 60 ? `${each} s` : `${each / 60} min`}</option>)}
        </select></label>
        <History runs={runs} onChoose={(sql) => editor.current?.replace(sql)} onClear={() => setRuns([])} />
        <span class="muted">{overview.write ? "A change is tried and rolled back first." : "Read only: the server refuses changes."}</span>
      </div>
      {problem && <ProblemBox problem={problem} />}
      {tried && <Tried tried={tried} busy={busy} onCommit={() => void commit(tried.sql, tried.affected)} onDrop={() => setTried(null)} />}
      {busy && <p role="status">running …</p>}
      {result && <ResultGrid result={result} />}
      {plan && <PlanTree plan={plan} />}
    </div>
  );
}

function leading(sql: string): number {
  return sql.length - sql.trimStart().length;
}

function changesSchema(command: string): boolean {
  return /^(CREATE|ALTER|DROP|TRUNCATE|COMMENT|GRANT|REVOKE|REFRESH|DO|CALL)/.test(command);
}

function Tried(props: { tried: { sql: string; affected: number | null }; busy: boolean; onCommit(): void; onDrop(): void }) {
  const { sql, affected } = props.tried;
  return (
    <div class="tried" role="group" aria-label="Commit">
      <p><strong>Tried, and rolled back.</strong> {affected !== null && `It met ${whole(affected)} ${affected === 1 ? "row" : "rows"}. `}This is what would be committed:</p>
      <pre>{sql.trim()}</pre>
      <button type="button" class="primary" disabled={props.busy} onClick={props.onCommit}>Run and commit</button>
      <button type="button" onClick={props.onDrop}>Leave it</button>
    </div>
  );
}

function ResultGrid(props: { result: Result }) {
  const { result } = props;
  const columns = useMemo(() => result.columns.map((each, at) => shownColumn(each.name, each.type, at)), [result]);
  return (
    <section class="result" aria-label="Result">
      <p role="status">
        {result.columns.length ? `${whole(result.rows.length)}${result.more ? " and more" : ""} ${result.rows.length === 1 ? "row" : "rows"}` : result.command}
        <span class="muted"> · {duration(result.ms)}{result.committed ? " · committed" : ""}</span>
      </p>
      {result.columns.length > 0 && <div class="rows"><Grid columns={columns} rows={result.rows} label="Rows of the result" /></div>}
    </section>
  );
}

function shownColumn(name: string, type: string, at: number): Column {
  return {
    name: name || `column ${at + 1}`, type, kind: kindOf(type), nullable: true, primary: false, comment: null, labels: [],
    ordered: false, indexed: false, operators: [], writable: false, references: [],
  };
}

/** How values of a result are shown; an enum of the schema is not known here from any other type. */
function kindOf(type: string): Column["kind"] {
  if (type.endsWith("[]")) return "array";
  if (/^(smallint|integer|bigint|numeric|real|double precision|oid)/.test(type)) return "number";
  if (/^timestamp/.test(type)) return "timestamp";
  const plain: Record<string, Column["kind"]> = { boolean: "boolean", json: "json", jsonb: "json", uuid: "uuid", bytea: "bytea", date: "date" };
  return plain[type] ?? "text";
}

function History(props: { runs: Run[]; onChoose(sql: string): void; onClear(): void }) {
  return (
    <Menu label="History" disabled={props.runs.length === 0}>
      <button type="button" class="quiet" onClick={(event) => { closeMenu(event); props.onClear(); }}>Forget all of it</button>
      {props.runs.map((each) => (
        <button key={each.at + each.sql} type="button" class="quiet past" onClick={(event) => { closeMenu(event); props.onChoose(each.sql); }} title={each.error || each.at}>
          <code>{each.sql.length > 90 ? `${each.sql.slice(0, 88)}…` : each.sql}</code>
          <span class={each.error ? "badge bad" : "muted"}>{each.error ? "failed" : duration(each.ms)}</span>
        </button>
      ))}
    </Menu>
  );
}

function useCompletion(): Completion {
  const asked = useAsked("completion", (signal) => get<Diagram>("diagram", {}, signal));
  return useMemo(() => ({
    tables: (asked.answer?.tables ?? []).map((each) => ({ schema: each.schema, name: each.name, columns: each.columns.map((column) => column.name) })),
    defaultSchema: "public",
  }), [asked.answer]);
}
