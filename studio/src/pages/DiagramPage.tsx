import { useMemo } from "preact/hooks";
import { useLocation, useSearch } from "wouter-preact";
import { get, query, type Diagram as Data, type TableName } from "../api";
import { useShared } from "../app/context";
import { useAsked } from "../app/useAsked";
import { Diagram } from "../diagram/Diagram";
import { pageOf } from "../parts/format";
import { ProblemBox } from "../parts/Problem";
import "../data/data.css";

/** The entity diagram of a schema, or of all of them but the history's. */
export default function DiagramPage() {
  const { overview } = useShared();
  const [, go] = useLocation();
  const search = new URLSearchParams(useSearch());
  const schema = search.get("schema") ?? "";
  const focus = focusIn(search.get("focus"));
  const schemas = useMemo(() => [...new Set(overview.tables.map((each) => each.schema))], [overview]);
  const asked = useAsked(`${schema} ${overview.tables.length}`, (signal) => get<Data>("diagram", { schema: schema || null }, signal));
  const data = useMemo(() => (asked.answer && !schema && focus?.schema !== "mizzle" ? without(asked.answer, "mizzle") : asked.answer), [asked.answer, schema, focus?.schema]);
  const to = (said: Record<string, string | null>) => go(`/diagram${query(said)}`);
  return (
    <div class="page data">
      <div class="tabs">
        <h1>Diagram</h1>
        {schemas.length > 1 && (
          <label class="muted">Schema <select value={schema} onChange={(event) => to({ schema: event.currentTarget.value || null })}>
            <option value="">all</option>
            {schemas.map((each) => <option key={each} value={each}>{each}</option>)}
          </select></label>
        )}
      </div>
      {asked.problem && <ProblemBox problem={asked.problem} />}
      {data && <Diagram key={schema} data={data} focus={focus}
        onFocus={(table) => to({ schema: schema || null, focus: table ? JSON.stringify([table.schema, table.name]) : null })}
        onOpen={(table) => go(pageOf("structure", table))} />}
    </div>
  );
}

function without(data: Data, schema: string): Data {
  return { tables: data.tables.filter((each) => each.schema !== schema), references: data.references.filter((each) => each.from.schema !== schema && each.to.schema !== schema) };
}

function focusIn(text: string | null): TableName | null {
  try {
    const found = JSON.parse(text ?? "null") as [string, string] | null;
    return found ? { schema: found[0], name: found[1] } : null;
  } catch {
    return null;
  }
}
