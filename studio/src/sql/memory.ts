/** A statement that was run: when, how long it took, what went wrong. */
export interface Run { sql: string; at: string; ms: number; error: string }

export interface Memory { draft: string; runs: Run[] }

const key = (database: string) => `mizzle-sql-${database}`;

/** What this browser keeps of the console, for this database. */
export function remembered(database: string): Memory {
  try {
    const found = JSON.parse(localStorage.getItem(key(database)) ?? "null") as Memory | null;
    if (found && typeof found.draft === "string" && Array.isArray(found.runs)) return found;
  } catch {
    // What cannot be read is forgotten.
  }
  return { draft: "SELECT *\nFROM pg_catalog.pg_tables\nLIMIT 20;", runs: [] };
}

export function keep(database: string, memory: Memory): void {
  try {
    localStorage.setItem(key(database), JSON.stringify(memory));
  } catch {
    // A full store keeps what it had.
  }
}
