import type { Cell, Table } from "../api";

export type Editing =
  | { op: "insert"; key: null; row: Cell[] }
  | { op: "update"; key: string[]; row: Cell[] }
  | { op: "delete"; keys: string[][] };

export function EditDialog(_: { table: Table; editing: Editing; onClose(): void; onDone(): void }) {
  return null;
}
