import { autocompletion, completionStatus } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentLess, indentMore } from "@codemirror/commands";
import { PostgreSQL, sql } from "@codemirror/lang-sql";
import { bracketMatching, syntaxHighlighting } from "@codemirror/language";
import { Compartment, EditorState } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
import { classHighlighter } from "@lezer/highlight";
import { useEffect, useRef } from "preact/hooks";
import { nonce } from "../api";
import "./sql.css";

/** What can be completed: tables with their columns. */
export interface Completion {
  tables: { schema: string; name: string; columns: string[] }[];
  defaultSchema: string;
}

/** What a page does with the editor besides typing: it owns its text. */
export interface EditorHandle {
  /** The selection, or else the statement that the cursor is in, and where it begins. */
  statement(): [string, number];
  replace(text: string): void;
}

export interface EditorProps {
  initial: string;
  label: string;
  completion: Completion;
  /** Where an error is, counted from 0; null where there is none. */
  errorAt: number | null;
  handle: { current: EditorHandle | null };
  onChange(text: string): void;
  onRun(text: string, offset: number): void;
}

/** SQL with completion; Ctrl-Enter runs, Tab completes or leaves. */
export function Editor(props: EditorProps) {
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const language = useRef(new Compartment());
  const now = useRef(props);
  now.current = props;
  useEffect(() => {
    if (!place.current) return undefined;
    const made = new EditorView({ parent: place.current, state: EditorState.create({ doc: now.current.initial, extensions: extensions(now, language.current) }) });
    view.current = made;
    now.current.handle.current = {
      statement: () => chosen(made),
      replace: (text) => made.dispatch({ changes: { from: 0, to: made.state.doc.length, insert: text } }),
    };
    return () => made.destroy();
  }, []);
  useEffect(() => {
    view.current?.dispatch({ effects: language.current.reconfigure(languageOf(props.completion)) });
  }, [props.completion]);
  useEffect(() => {
    const made = view.current;
    if (!made || props.errorAt === null) return;
    const at = Math.min(props.errorAt, made.state.doc.length);
    made.dispatch({ selection: { anchor: at }, scrollIntoView: true });
    made.focus();
  }, [props.errorAt]);
  return <div class="editor" ref={place} />;
}

function extensions(now: { current: EditorProps }, language: Compartment) {
  return [
    EditorView.cspNonce.of(nonce),
    lineNumbers(), history(), drawSelection(), bracketMatching(), highlightActiveLine(),
    autocompletion(), syntaxHighlighting(classHighlighter),
    language.of(languageOf(now.current.completion)),
    EditorView.contentAttributes.of({ "aria-label": now.current.label }),
    EditorView.updateListener.of((update) => { if (update.docChanged) now.current.onChange(update.state.doc.toString()); }),
    EditorView.lineWrapping,
    keymap.of([
      { key: "Mod-Enter", run: (view) => { now.current.onRun(...chosen(view)); return true; } },
      { key: "Mod-]", run: indentMore }, { key: "Mod-[", run: indentLess },
      { key: "Tab", run: (view) => completionStatus(view.state) === "active" },
      ...defaultKeymap, ...historyKeymap,
    ]),
  ];
}

/** The selection, or else the statement that the cursor is in, and where it begins. */
function chosen(view: EditorView): [string, number] {
  const { from, to } = view.state.selection.main;
  return from === to ? statementAt(view.state.doc.toString(), from) : [view.state.sliceDoc(from, to), from];
}

/** The statement around a place, and where it begins; the whole text where there is but one. */
export function statementAt(text: string, at: number): [string, number] {
  const ends = boundaries(text);
  let begin = 0;
  for (const end of ends) {
    const piece = text.slice(begin, end);
    if (at <= end && piece.trim()) return [piece, begin];
    begin = end;
  }
  const last = text.slice(begin);
  if (last.trim() || ends.length === 0) return [last, begin];
  const before = ends[ends.length - 2] ?? 0;
  return [text.slice(before, ends[ends.length - 1]), before];
}

/** Behind each semicolon that ends a statement, as PostgreSQL's dialect of the editor sees it. */
function boundaries(text: string): number[] {
  const found: number[] = [];
  const cursor = PostgreSQL.language.parser.parse(text).cursor();
  do {
    if (cursor.name === ";") found.push(cursor.to);
  } while (cursor.next());
  return found;
}

function languageOf(completion: Completion) {
  const schema: Record<string, Record<string, string[]>> = {};
  for (const table of completion.tables) (schema[table.schema] ??= {})[table.name] = table.columns;
  return sql({ dialect: PostgreSQL, schema, defaultSchema: completion.defaultSchema, upperCaseKeywords: true });
}
