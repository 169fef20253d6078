import { PostgreSQL } from "@codemirror/lang-sql";
import { classHighlighter, highlightCode } from "@lezer/highlight";
import { useMemo } from "preact/hooks";
import "./sql.css";

const PLAIN_FROM = 400_000;

/** SQL to be read, in colours; what is very long comes without. */
export function Highlighted(props: { sql: string; label: string }) {
  const parts = useMemo(() => (props.sql.length > PLAIN_FROM ? [props.sql] : coloured(props.sql)), [props.sql]);
  return <pre class="sql" tabIndex={0} role="region" aria-label={props.label}><code>{parts}</code></pre>;
}

function coloured(sql: string): preact.ComponentChildren[] {
  const parts: preact.ComponentChildren[] = [];
  highlightCode(
    sql, PostgreSQL.language.parser.parse(sql), classHighlighter,
    (text, classes) => parts.push(classes ? <span class={classes}>{text}</span> : text),
    () => parts.push("\n"),
  );
  return parts;
}
