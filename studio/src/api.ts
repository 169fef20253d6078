/** What the server answers, and how it is asked. Every name and value in it is raw: whoever shows one escapes it. */

/** How a value is shown and filtered; the server decides it from the type. */
export type Kind =
  | "text" | "number" | "boolean" | "json" | "array" | "enum" | "uuid" | "timestamp" | "date" | "time" | "bytea" | "other";

export interface TableName { schema: string; name: string }

export interface TableSummary extends TableName {
  kind: "table" | "partitioned" | "partition" | "view" | "materialized view" | "foreign table";
  /** An estimate; null where PostgreSQL has none. */
  rows: number | null;
  bytes: number;
  comment: string | null;
  /** Whether the tenant lens narrows it. */
  tenant: boolean;
}

export interface Lens {
  table: TableName;
  key: string;
  label: string | null;
}

export interface Overview {
  database: string;
  major: number;
  role: string;
  write: boolean;
  tables: TableSummary[];
  lens: Lens | null;
  /** Why the lens that is configured cannot be had. */
  lens_problem: string;
  project: boolean;
}

export interface Column {
  name: string;
  type: string;
  kind: Kind;
  nullable: boolean;
  primary: boolean;
  comment: string | null;
  /** The labels of an enum. */
  labels: string[];
  /** Whether it can be sorted by, and whether an index serves that. */
  ordered: boolean;
  indexed: boolean;
  /** The filters that its type has. */
  operators: string[];
  /** Whether it is one that a person may set. */
  writable: boolean;
  /** The foreign keys that it is the only or the first column of, by name. */
  references: Reference[];
}

export interface Reference {
  name: string;
  columns: string[];
  table: TableName;
  to: string[];
}

/** A table as its rows are shown; `key` are the columns that tell them apart. */
export interface Table extends TableName {
  kind: TableSummary["kind"];
  comment: string | null;
  rows: number | null;
  key: string[];
  tenant: boolean;
  editable: boolean;
  columns: Column[];
}

export interface Filter { column: string; op: string; value?: string | string[] | null }

/** Where a page begins; what the server said of it is given back to it. */
export type Place = Record<string, unknown>;

export interface Page {
  keys: string[][];
  rows: Cell[][];
  previous: Place | null;
  next: Place | null;
  sql: string;
  ms: number;
}

export interface Count { rows: number | null; exact: boolean }

/** A value of a cell: its text, null for NULL; cut where `cut` says how many bytes the whole has. */
export type Cell = string | null | { text: string; cut: number };

/** Where time went in a plan. Times are milliseconds, null where the plan was not run. */
export interface PlanNode {
  title: string;
  /** The relation or index that it reads, for people. */
  on: string;
  details: string[];
  estimatedRows: number;
  rows: number | null;
  loops: number | null;
  cost: number;
  totalMs: number | null;
  selfMs: number | null;
  /** Its own part of the whole, from 0 to 1: of the time, or of the cost where it was not run. */
  share: number;
  /** What is worth a look: "reads the whole table", "estimated 10 rows, found 12,000". */
  warnings: string[];
  children: PlanNode[];
}

export interface Plan {
  root: PlanNode;
  planningMs: number | null;
  executionMs: number | null;
  analyzed: boolean;
  text: string;
}

export interface DiagramColumn {
  name: string;
  type: string;
  nullable: boolean;
  primary: boolean;
  foreign: boolean;
}

export interface DiagramTable extends TableName {
  kind: TableSummary["kind"];
  comment: string | null;
  columns: DiagramColumn[];
}

export interface DiagramReference {
  name: string;
  from: TableName;
  columns: string[];
  to: TableName;
  toColumns: string[];
  /** Whether a row may refer to none. */
  nullable: boolean;
  /** Whether at most one row refers to each. */
  unique: boolean;
}

export interface Diagram {
  tables: DiagramTable[];
  references: DiagramReference[];
}

export interface Problem { message: string; hint: string; code: string }

/** What the server refused or could not do. */
export class ApiError extends Error {
  constructor(readonly problem: Problem, readonly status: number) {
    super(problem.message);
  }
}

type Params = Record<string, string | number | boolean | null | undefined>;

export function query(params: Params): string {
  const said = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    if (value !== undefined && value !== null) said.set(name, String(value));
  }
  const text = said.toString();
  return text ? `?${text}` : "";
}

async function answer<T>(response: Response): Promise<T> {
  if (response.ok) return (await response.json()) as T;
  let problem: Problem = { message: `the server answered ${response.status}`, hint: "", code: "" };
  if (response.headers.get("content-type")?.startsWith("application/json")) problem = (await response.json()) as Problem;
  throw new ApiError(problem, response.status);
}

const gone: Problem = {
  message: "mizzle studio does not answer",
  hint: "it has ended, or was never reachable from here: start it again in the terminal",
  code: "gone",
};

async function ask(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(path, { credentials: "same-origin", cache: "no-store", ...init });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiError(gone, 0);
  }
}

export async function get<T>(path: string, params: Params = {}, signal?: AbortSignal): Promise<T> {
  return answer<T>(await ask(`/api/${path}${query(params)}`, signal ? { signal } : {}));
}

export async function post<T>(path: string, body: unknown, signal?: AbortSignal): Promise<T> {
  const init: RequestInit = {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  };
  if (signal) init.signal = signal;
  return answer<T>(await ask(`/api/${path}`, init));
}

/** The number once per answer by which the policy lets CodeMirror and the grid add their style sheets. */
export const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? "";
