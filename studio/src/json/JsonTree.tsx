import { useMemo, useState } from "preact/hooks";
import { copyText } from "../parts/copy";
import { parseJson, type Json } from "./parse";
import "./json.css";

const AT_ONCE = 100;
const OPEN_UP_TO = 2;

/** A JSON text as a tree that folds; what is no JSON is shown as it is. */
export function JsonTree(props: { text: string; label: string }) {
  const found = useMemo(() => {
    try { return parseJson(props.text); } catch { return null; }
  }, [props.text]);
  if (!found) return <pre class="json-text" tabIndex={0} role="region" aria-label={props.label}>{props.text}</pre>;
  return <ul class="json" aria-label={props.label}><Entry name={null} value={found} path="$" depth={0} /></ul>;
}

function Entry(props: { name: string | null; value: Json; path: string; depth: number }) {
  const { name, value, path, depth } = props;
  const isBranch = value.kind === "array" || value.kind === "object";
  const [open, setOpen] = useState(depth < OPEN_UP_TO);
  if (!isBranch) {
    return <li><Name name={name} path={path} /><Leaf value={value} /></li>;
  }
  const children = branches(value, path);
  return (
    <li>
      <button type="button" class="fold" aria-expanded={open} onClick={() => setOpen(!open)}>
        <span aria-hidden="true">{open ? "▾" : "▸"}</span> {name !== null && <span class="key">{name}</span>}
        <span class="muted"> {value.kind === "array" ? `[${children.length} ${children.length === 1 ? "item" : "items"}]` : `{${children.length} ${children.length === 1 ? "key" : "keys"}}`}</span>
      </button>
      {open && <Children all={children} depth={depth + 1} />}
    </li>
  );
}

type Child = [name: string, value: Json, path: string];

function branches(value: Json, path: string): Child[] {
  if (value.kind === "array") return value.items.map((each, at) => [String(at), each, `${path}[${at}]`]);
  if (value.kind === "object") return value.entries.map(([name, each]) => [name, each, `${path}${step(name)}`]);
  return [];
}

function step(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
}

function Children(props: { all: Child[]; depth: number }) {
  const [shown, setShown] = useState(AT_ONCE);
  const rest = props.all.length - shown;
  return (
    <ul>
      {props.all.slice(0, shown).map(([name, value, path], at) => <Entry key={at} name={name} value={value} path={path} depth={props.depth} />)}
      {rest > 0 && <li><button type="button" onClick={() => setShown(shown + AT_ONCE)}>Show {Math.min(AT_ONCE, rest)} more of {rest}</button></li>}
    </ul>
  );
}

function Name(props: { name: string | null; path: string }) {
  if (props.name === null) return null;
  return <button type="button" class="key" title={`Copy the path ${props.path}`} onClick={() => void copyText(props.path)}>{props.name}</button>;
}

function Leaf(props: { value: Json }) {
  const { value } = props;
  if (value.kind === "string") return <span class="string">"{value.text}"</span>;
  return <span class={value.kind}>{value.kind === "number" ? value.text : value.kind}</span>;
}
