import type { IHeaderComp, IHeaderParams } from "ag-grid-community";
import type { Column } from "../api";

export interface HeaderParams {
  column_: Column;
  sorted: "" | "ascending" | "descending";
  onSort: ((column: Column) => void) | null;
}

/** A column's name and type; pressing it sorts, where the type has an order. */
export class Header implements IHeaderComp {
  private readonly gui = document.createElement("div");

  init(params: IHeaderParams & HeaderParams): void {
    this.gui.className = "column-head";
    const { column_: column, sorted, onSort } = params;
    const name = document.createElement(onSort ? "button" : "span");
    name.className = "column-name";
    name.textContent = `${column.name}${sorted === "ascending" ? " ▲" : sorted === "descending" ? " ▼" : ""}`;
    if (onSort) {
      name.title = column.indexed ? `sort by ${column.name}` : `sort by ${column.name}: no index serves it`;
      name.setAttribute("aria-label", `${column.name}, ${column.type}${sorted ? `, sorted ${sorted}` : ""}: sort`);
      name.addEventListener("click", () => onSort(column));
    }
    const type = document.createElement("span");
    type.className = "column-type";
    type.textContent = `${column.primary ? "key · " : ""}${column.references.length ? "→ " : ""}${column.type}`;
    type.title = [column.type, column.nullable ? "may be NULL" : "not NULL", column.comment].filter(Boolean).join("\n");
    this.gui.append(name, type);
  }

  getGui(): HTMLElement { return this.gui; }
  refresh(): boolean { return false; }
}
