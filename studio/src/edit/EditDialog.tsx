import { useEffect, useRef, useState } from "preact/hooks";
import { post, type Cell, type Column, type Problem, type Table } from "../api";
import { asProblem } from "../app/useAsked";
import { announce } from "../parts/copy";
import { titled } from "../parts/format";
import { ProblemBox } from "../parts/Problem";
import { Highlighted } from "../sql/Highlighted";
import "./edit.css";

/** What is to be changed: a new row, one row with its values as they were shown, or rows to delete. */
export type Editing =
  | { op: "insert"; key: null; row: Cell[] }
  | { op: "update"; key: string[]; row: Cell[] }
  | { op: "delete"; keys: string[][] };

type Values = Record<string, string | null>;
interface Change { op: string; key?: string[]; values?: Values; old?: Values }

/** A form for a row; whatever comes of it is shown as SQL before it is committed. */
export function EditDialog(props: { table: Table; editing: Editing; onClose(): void; onDone(): void }) {
  const { table, editing } = props;
  const [values, setValues] = useState<Values>({});
  const [sql, setSql] = useState<string | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => { dialog.current?.showModal(); if (editing.op === "delete") void send(false); }, []);
  async function send(commit: boolean) {
    setBusy(true);
    setProblem(null);
    try {
      const found = await post<{ sql: string }>("edit", { schema: table.schema, table: table.name, changes: changes(table, editing, values), commit });
      setSql(found.sql);
      if (commit) { announce("committed"); props.onDone(); }
    } catch (error) {
      setProblem(asProblem(error));
      setSql(null);
    }
    setBusy(false);
  }
  const title = { insert: "New row in", update: "Change a row of", delete: "Delete rows of" }[editing.op];
  return (
    <dialog ref={dialog} class="edit" aria-labelledby="edit-title" onClose={props.onClose}>
      <h2 id="edit-title">{title} {titled(table)}</h2>
      {problem && <ProblemBox problem={problem} />}
      {sql === null && editing.op !== "delete" && (
        <form id="edit-form" onSubmit={(event) => { event.preventDefault(); void send(false); }}>
          {table.columns.filter((each) => each.writable).map((column) => (
            <Field key={column.name} column={column} isNew={editing.op === "insert"} cell={editing.row[table.columns.indexOf(column)] ?? null}
              value={values[column.name]} onChange={(to) => setValues((before) => changed(before, column.name, to))} />
          ))}
        </form>
      )}
      {sql !== null && (
        <>
          <p>Tried, and rolled back. This is what would be committed:</p>
          <Highlighted sql={sql} label="SQL of the change" />
        </>
      )}
      <footer>
        {sql === null && editing.op !== "delete" && <button type="submit" form="edit-form" class="primary" disabled={busy || (editing.op === "update" && Object.keys(values).length === 0)}>Show the SQL</button>}
        {sql !== null && <button type="button" class="primary" disabled={busy} onClick={() => void send(true)}>Commit</button>}
        {sql !== null && editing.op !== "delete" && <button type="button" onClick={() => setSql(null)}>Back</button>}
        <button type="button" onClick={() => dialog.current?.close()}>Leave it</button>
      </footer>
    </dialog>
  );
}

function changed(before: Values, name: string, to: string | null | undefined): Values {
  const next = { ...before };
  if (to === undefined) delete next[name];
  else next[name] = to;
  return next;
}

function changes(table: Table, editing: Editing, values: Values): Change[] {
  switch (editing.op) {
    case "insert": return [{ op: "insert", values }];
    case "delete": return editing.keys.map((key) => ({ op: "delete", key }));
    case "update": return [{ op: "update", key: editing.key, values, old: oldOf(table, editing.row, values) }];
  }
}

/** The values that were shown of what is to be changed: the row must still have them. */
function oldOf(table: Table, row: Cell[], values: Values): Values {
  const found: Values = {};
  for (const [at, column] of table.columns.entries()) {
    const cell = row[at] ?? null;
    if (column.name in values && (cell === null || typeof cell === "string")) found[column.name] = cell;
  }
  return found;
}

function Field(props: { column: Column; isNew: boolean; cell: Cell; value: string | null | undefined; onChange(to: string | null | undefined): void }) {
  const { column, isNew, cell, value, onChange } = props;
  const isCut = cell !== null && typeof cell !== "string";
  const now = value === undefined ? (isCut ? cell.text : cell) : value;
  const id = `edit-${column.name}`;
  const isNull = value === null || (value === undefined && !isNew && cell === null);
  return (
    <div class={value === undefined ? "field" : "field changed"}>
      <label for={id}>{column.name} <span class="muted">{column.type}</span></label>
      <Input id={id} column={column} text={isNull ? "" : (now ?? "")} placeholder={isNew && value === undefined ? "default" : isNull ? "NULL" : ""} disabled={isCut} onText={onChange} />
      {column.nullable && <label class="check"><input type="checkbox" checked={isNull} disabled={isCut} onChange={(event) => onChange(event.currentTarget.checked ? null : isNew ? undefined : "")} /> NULL</label>}
      {value !== undefined && <button type="button" class="quiet" onClick={() => onChange(undefined)} aria-label={`Leave ${column.name} as it is`}>↺</button>}
      {isCut && <span class="muted">too long to be changed here</span>}
    </div>
  );
}

function Input(props: { id: string; column: Column; text: string; placeholder: string; disabled: boolean; onText(to: string): void }) {
  const { id, column, text, placeholder, disabled, onText } = props;
  if (column.kind === "enum") {
    return (
      <select id={id} value={text} disabled={disabled} onChange={(event) => onText(event.currentTarget.value)}>
        {!column.labels.includes(text) && <option value={text}>{placeholder || text}</option>}
        {column.labels.map((each) => <option key={each} value={each}>{each}</option>)}
      </select>
    );
  }
  if (column.kind === "json" || text.length > 60 || text.includes("\n")) {
    return <textarea id={id} rows={4} value={text} placeholder={placeholder} disabled={disabled} onInput={(event) => onText(event.currentTarget.value)} />;
  }
  return <input id={id} type="text" value={text} placeholder={placeholder} disabled={disabled} onInput={(event) => onText(event.currentTarget.value)} />;
}
