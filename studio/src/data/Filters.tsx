import { useId, useState } from "preact/hooks";
import type { Column, Filter, Table } from "../api";
import { closeMenu, Menu } from "../parts/Menu";

const WORDS: Record<string, string> = {
  contains: "contains", starts: "starts with", eq: "=", ne: "≠", lt: "<", le: "≤", gt: ">", ge: "≥", in: "is one of",
  is: "is", json_contains: "contains JSON", json_key: "has key", holds: "holds", null: "is NULL", not_null: "is not NULL",
};

/** The filters that are on, each to be taken off, and a form for one more. */
export function Filters(props: { table: Table; filters: Filter[]; onChange(to: Filter[]): void }) {
  const { filters, onChange } = props;
  return (
    <>
      {filters.map((each, at) => (
        <span class="chip" key={JSON.stringify([at, each])}>
          {each.column} {WORDS[each.op] ?? each.op} <strong>{shown(each)}</strong>
          <button type="button" class="quiet" aria-label={`Take away the filter on ${each.column}`}
            onClick={() => onChange(filters.filter((_, other) => other !== at))}>✕</button>
        </span>
      ))}
      <Menu label="Filter">
        <FilterForm table={props.table} onAdd={(filter) => onChange([...filters, filter])} />
      </Menu>
    </>
  );
}

function shown(filter: Filter): string {
  if (filter.value === null || filter.value === undefined) return "";
  const text = Array.isArray(filter.value) ? filter.value.join(", ") : filter.value;
  return text.length > 40 ? `${text.slice(0, 38)}…` : text || '""';
}

function FilterForm(props: { table: Table; onAdd(filter: Filter): void }) {
  const { columns } = props.table;
  const [name, setName] = useState(columns[0]?.name ?? "");
  const column = columns.find((each) => each.name === name);
  const [op, setOp] = useState("");
  const [value, setValue] = useState<string | string[]>("");
  const ids = { column: useId(), op: useId(), value: useId() };
  if (!column) return null;
  const used = column.operators.includes(op) ? op : (column.operators[0] ?? "");
  const needsValue = used !== "null" && used !== "not_null";
  function add(event: SubmitEvent) {
    event.preventDefault();
    props.onAdd(needsValue ? { column: name, op: used, value: valueFor(used, value) } : { column: name, op: used });
    closeMenu(event);
  }
  return (
    <form class="filter-form" onSubmit={add}>
      <label for={ids.column}>Column</label>
      <select id={ids.column} value={name} onChange={(event) => { setName(event.currentTarget.value); setValue(""); }}>
        {columns.map((each) => <option key={each.name} value={each.name}>{each.name}</option>)}
      </select>
      <label for={ids.op}>Condition</label>
      <select id={ids.op} value={used} onChange={(event) => setOp(event.currentTarget.value)}>
        {column.operators.map((each) => <option key={each} value={each}>{WORDS[each] ?? each}</option>)}
      </select>
      {needsValue && <label for={ids.value}>Value</label>}
      {needsValue && <ValueField id={ids.value} column={column} op={used} value={value} onChange={setValue} />}
      <button type="submit" class="primary">Add filter</button>
    </form>
  );
}

function valueFor(op: string, value: string | string[]): string | string[] {
  if (op === "in" && typeof value === "string") return value.split(",").map((each) => each.trim());
  if (op === "is" && !value) return "true";
  return value;
}

function ValueField(props: { id: string; column: Column; op: string; value: string | string[]; onChange(to: string | string[]): void }) {
  const { id, column, op, onChange } = props;
  if (column.kind === "enum") {
    const chosen = Array.isArray(props.value) ? props.value : [];
    return (
      <select id={id} multiple required size={Math.min(8, column.labels.length)}
        onChange={(event) => onChange([...event.currentTarget.selectedOptions].map((each) => each.value))}>
        {column.labels.map((each) => <option key={each} value={each} selected={chosen.includes(each)}>{each}</option>)}
      </select>
    );
  }
  if (op === "is") {
    return (
      <select id={id} onChange={(event) => onChange(event.currentTarget.value)}>
        <option value="true">true</option>
        <option value="false">false</option>
      </select>
    );
  }
  const hint = op === "in" ? "a, b, c" : op === "json_contains" ? '{"key": "value"}' : column.kind === "timestamp" ? "2026-01-31 14:00" : column.type;
  return <input id={id} type="text" placeholder={hint} value={String(props.value)} onInput={(event) => onChange(event.currentTarget.value)} />;
}
