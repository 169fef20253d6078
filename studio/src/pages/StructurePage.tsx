import { Link } from "wouter-preact";
import { get, type TableName } from "../api";
import { useAsked } from "../app/useAsked";
import { copyText } from "../parts/copy";
import { bytes, pageOf, titled, whole } from "../parts/format";
import { ProblemBox } from "../parts/Problem";
import { TableTabs } from "../parts/TableTabs";
import { useTable } from "../parts/useTable";
import { Highlighted } from "../sql/Highlighted";
import "./structure.css";

interface Structure extends TableName {
  kind: string;
  comment: string | null;
  last_used_known: boolean;
  columns: { name: string; type: string; nullable: boolean; default: string | null; identity: string; generated: string; comment: string | null }[];
  constraints: { name: string; kind: string; definition: string; validated: boolean; comment: string | null }[];
  indexes: { name: string; definition: string; primary: boolean; unique: boolean; valid: boolean; bytes: number; scans: number; read: number; last_used: string | null; constraint: boolean }[];
  triggers: { name: string; definition: string; enabled: boolean }[];
  policies: { name: string; permissive: boolean; command: string; roles: string[]; using: string | null; check: string | null }[];
  activity: Activity | null;
  inbound: { name: string; table: TableName; columns: string[] }[];
}

interface Activity {
  bytes: number; index_bytes: number; estimate: number; live: number; dead: number; sequential_scans: number; index_scans: number;
  inserted: number; updated: number; deleted: number; vacuumed: string | null; analyzed: string | null;
  row_security: boolean; force_row_security: boolean; owner: string; view: string | null;
}

/** How a table is made and used. */
export default function StructurePage() {
  const { schema, name } = useTable();
  const key = `${schema} ${name}`;
  const asked = useAsked(key, (signal) => get<Structure>("structure", { schema, table: name }, signal));
  const ddl = useAsked(key, (signal) => get<{ sql: string }>("ddl", { schema, table: name }, signal));
  const found = asked.answer?.schema === schema && asked.answer.name === name ? asked.answer : null;
  return (
    <div class="page structure">
      <TableTabs table={{ schema, name }} comment={found?.comment ?? null} />
      {asked.problem && <ProblemBox problem={asked.problem} />}
      {found && <Parts found={found} />}
      {found && (
        <Section title="DDL">
          {ddl.problem && <ProblemBox problem={ddl.problem} />}
          {ddl.answer && <button type="button" class="copy" onClick={() => void copyText(ddl.answer?.sql ?? "")}>Copy</button>}
          {ddl.answer && <Highlighted sql={ddl.answer.sql} label={`SQL that makes ${titled(found)}`} />}
        </Section>
      )}
    </div>
  );
}

function Parts(props: { found: Structure }) {
  const { found } = props;
  return (
    <>
      {found.activity && <Numbers kind={found.kind} activity={found.activity} />}
      <Section title={`${found.columns.length} columns`}>
        <List heads={["Column", "Type", "NULL", "Default", "Comment"]} label="Columns">
          {found.columns.map((each) => (
            <tr key={each.name}>
              <th scope="row" class="mono">{each.name}</th>
              <td class="mono">{each.type}</td>
              <td>{each.nullable ? "yes" : <span class="muted">no</span>}</td>
              <td class="mono">{each.identity ? `identity ${each.identity}` : each.generated ? `${each.generated}: ${each.default}` : each.default}</td>
              <td class="comment">{each.comment}</td>
            </tr>
          ))}
        </List>
      </Section>
      {found.constraints.length > 0 && (
        <Section title={plural(found.constraints.length, "constraint")}>
          <List heads={["Constraint", "Kind", "Definition"]} label="Constraints">
            {found.constraints.map((each) => (
              <tr key={each.name}>
                <th scope="row" class="mono">{each.name}</th>
                <td>{each.kind}{!each.validated && <span class="badge warn">not valid</span>}</td>
                <td class="mono">{each.definition}</td>
              </tr>
            ))}
          </List>
        </Section>
      )}
      {found.inbound.length > 0 && (
        <Section title="Referred to by">
          <ul class="plain">
            {found.inbound.map((each) => <li key={`${each.table.schema}.${each.table.name}.${each.name}`}><Link href={pageOf("structure", each.table)}>{titled(each.table)}</Link> <span class="muted">by {each.columns.join(", ")} ({each.name})</span></li>)}
          </ul>
        </Section>
      )}
      {found.indexes.length > 0 && <Indexes found={found} />}
      {found.triggers.length > 0 && (
        <Section title={plural(found.triggers.length, "trigger")}>
          {found.triggers.map((each) => <div key={each.name}><h3>{each.name} {!each.enabled && <span class="badge warn">disabled</span>}</h3><Highlighted sql={each.definition} label={`Trigger ${each.name}`} /></div>)}
        </Section>
      )}
      {(found.policies.length > 0 || found.activity?.row_security) && <Policies found={found} />}
      {found.activity?.view && <Section title="Query"><Highlighted sql={found.activity.view} label="Query of the view" /></Section>}
    </>
  );
}

function Indexes(props: { found: Structure }) {
  const { indexes, last_used_known: known } = props.found;
  return (
    <Section title={plural(indexes.length, "index", "indexes")}>
      <List heads={["Index", "Definition", "Size", "Scans", known ? "Last used" : ""].filter(Boolean)} label="Indexes" numbers={[2, 3]}>
        {indexes.map((each) => (
          <tr key={each.name}>
            <th scope="row" class="mono">{each.name} {!each.valid && <span class="badge bad">invalid</span>}</th>
            <td class="mono">{each.definition.replace(/^.* USING /, "").replace(/^/, each.unique ? "unique " : "")}</td>
            <td class="number">{bytes(each.bytes)}</td>
            <td class="number">{whole(each.scans)}{each.scans === 0 && !each.unique && <span class="badge warn">never used</span>}</td>
            {known && <td>{each.last_used?.slice(0, 16) ?? <span class="muted">never</span>}</td>}
          </tr>
        ))}
      </List>
      <p class="muted">Scans count since the server's statistics were reset, on this server alone: a replica keeps its own.</p>
    </Section>
  );
}

function Policies(props: { found: Structure }) {
  const { policies, activity } = props.found;
  const state = activity?.row_security ? (activity.force_row_security ? "Row security is on, for the owner too." : "Row security is on, but not for the owner.") : "Row security is off: these policies are not in force.";
  return (
    <Section title={policies.length === 1 ? "1 policy" : `${policies.length} policies`}>
      <p class={activity?.row_security ? "muted" : "badge warn"}>{state}</p>
      <List heads={["Policy", "For", "Roles", "USING", "WITH CHECK"]} label="Policies">
        {policies.map((each) => (
          <tr key={each.name}><th scope="row" class="mono">{each.name}{!each.permissive && <span class="badge plain">restrictive</span>}</th><td>{each.command}</td><td>{each.roles.join(", ")}</td><td class="mono">{each.using}</td><td class="mono">{each.check}</td></tr>
        ))}
      </List>
    </Section>
  );
}

function Numbers(props: { kind: string; activity: Activity }) {
  const { activity: a, kind } = props;
  if (kind === "view" || kind === "foreign table") return <p class="muted">{kind}, owned by {a.owner}</p>;
  const said: [string, string][] = [
    ["Kind", kind], ["Owner", a.owner], ["Table", bytes(a.bytes)], ["Indexes", bytes(a.index_bytes)],
    ["Rows", a.estimate < 0 ? "not known yet" : whole(a.estimate)], ["Dead rows", whole(a.dead)],
    ["Sequential scans", whole(a.sequential_scans)], ["Index scans", whole(a.index_scans)],
    ["Inserted / updated / deleted", `${whole(a.inserted)} / ${whole(a.updated)} / ${whole(a.deleted)}`],
    ["Vacuumed", a.vacuumed?.slice(0, 16) ?? "never"], ["Analyzed", a.analyzed?.slice(0, 16) ?? "never"],
  ];
  return <dl class="numbers">{said.map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}</dl>;
}

function Section(props: { title: string; children: preact.ComponentChildren }) {
  return <section aria-label={props.title}><h2>{props.title}</h2>{props.children}</section>;
}

function List(props: { heads: string[]; label: string; numbers?: number[]; children: preact.ComponentChildren }) {
  return (
    <div class="scroll" role="region" aria-label={props.label} tabIndex={0}>
      <table class="list"><thead><tr>{props.heads.map((each, at) => <th key={each} scope="col" class={props.numbers?.includes(at) ? "number" : ""}>{each}</th>)}</tr></thead><tbody>{props.children}</tbody></table>
    </div>
  );
}

function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
