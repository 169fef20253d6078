import { post, type Column, type Table } from "../api";
import { announce, copyText } from "../parts/copy";
import { closeMenu, Menu } from "../parts/Menu";
import { asProblem } from "../app/useAsked";

const FORMATS: [string, string][] = [["csv", "CSV"], ["json", "JSON"], ["insert", "INSERT"]];

/** Copies the selected rows, whole values. */
export function CopyMenu(props: { table: Table; keys: string[][] }) {
  const { table, keys } = props;
  async function copy(event: Event, format: string) {
    closeMenu(event);
    try {
      const { text } = await post<{ text: string }>("copy", { schema: table.schema, table: table.name, keys, format });
      await copyText(text);
    } catch (error) {
      announce(asProblem(error).message);
    }
  }
  return (
    <Menu label={keys.length ? `Copy ${keys.length}` : "Copy"} disabled={keys.length === 0} title={keys.length ? "Copy the selected rows" : "Select rows first"}>
      {FORMATS.map(([format, label]) => (
        <button key={format} type="button" class="quiet" onClick={(event) => void copy(event, format)}>Copy as {label}</button>
      ))}
    </Menu>
  );
}

/** Downloads all rows that the filters leave. */
export function ExportMenu(props: { href(format: string): string }) {
  return (
    <Menu label="Export" title="All rows that the filters leave, as a file">
      {FORMATS.map(([format, label]) => <a key={format} class="button quiet" href={props.href(format)} download="" onClick={closeMenu}>Export as {label}</a>)}
    </Menu>
  );
}

/** Chooses the columns that are shown. */
export function ColumnMenu(props: { columns: Column[]; hidden: ReadonlySet<string>; onChange(to: ReadonlySet<string>): void }) {
  const { columns, hidden, onChange } = props;
  function toggle(name: string) {
    const next = new Set(hidden);
    if (!next.delete(name)) next.add(name);
    onChange(next);
  }
  return (
    <Menu label={hidden.size ? `Columns ${columns.length - hidden.size}/${columns.length}` : "Columns"}>
      <button type="button" class="quiet" onClick={() => onChange(new Set())}>Show all</button>
      <button type="button" class="quiet" onClick={() => onChange(new Set(columns.filter((each) => !each.primary).map((each) => each.name)))}>Show the key only</button>
      {columns.map((each) => (
        <label key={each.name} class="check"><input type="checkbox" checked={!hidden.has(each.name)} onChange={() => toggle(each.name)} /> {each.name}</label>
      ))}
    </Menu>
  );
}
