import {
  type CellFocusedEvent, type CellKeyDownEvent, ClientSideRowModelModule, CellStyleModule, ColumnApiModule, ColumnAutoSizeModule, type ColDef, createGrid,
  type GridApi, type GridOptions, type ICellRendererParams, ModuleRegistry, RowApiModule, RowSelectionModule, CellApiModule, ScrollApiModule,
} from "ag-grid-community";
import { useLayoutEffect, useRef } from "preact/hooks";
import { nonce, type Cell, type Column } from "../api";
import { copyText } from "../parts/copy";
import { drawCell, textOf } from "./cells";
import { gridTheme } from "./gridTheme";
import { Header, type HeaderParams } from "./header";
import "./grid.css";

ModuleRegistry.registerModules([
  CellApiModule, CellStyleModule, ClientSideRowModelModule, ColumnApiModule, ColumnAutoSizeModule, RowApiModule, RowSelectionModule,
  ScrollApiModule,
]);

/** A row as the grid has it: its number on the page, and its cells. */
interface Row { at: number; cells: Cell[] }

export interface GridProps {
  columns: Column[];
  rows: Cell[][];
  label: string;
  hidden?: ReadonlySet<string>;
  sort?: string;
  descending?: boolean;
  selectable?: boolean;
  onSort?(column: Column): void;
  onOpen?(row: number, column: Column): void;
  onSelect?(rows: number[]): void;
  /** What a cell is besides its text, such as a link. */
  decorate?(column: Column, row: Cell[], drawn: HTMLElement): HTMLElement;
  /** The whole of a value that was cut. */
  whole?(row: number, column: Column): Promise<string | null>;
}

const ROW_NUMBER = "#";

/** Rows in a grid: the arrow keys move, Enter opens, Space selects, Ctrl-C copies a value, Tab leaves. */
export function Grid(props: GridProps) {
  const place = useRef<HTMLDivElement>(null);
  const api = useRef<GridApi<Row> | null>(null);
  const now = useRef(props);
  now.current = props;
  useLayoutEffect(() => {
    if (!place.current) return undefined;
    const made = createGrid<Row>(place.current, options(now));
    api.current = made;
    return () => { made.destroy(); api.current = null; };
  }, []);
  const shape = JSON.stringify([props.columns, props.sort, props.descending, [...(props.hidden ?? [])]]);
  useLayoutEffect(() => {
    api.current?.setGridOption("columnDefs", columnsOf(now));
    api.current?.setGridOption("rowData", props.rows.map((cells, at) => ({ at, cells })));
    api.current?.autoSizeAllColumns();
  }, [shape]);
  useLayoutEffect(() => {
    api.current?.setGridOption("rowData", props.rows.map((cells, at) => ({ at, cells })));
    api.current?.deselectAll();
    if (props.rows.length) api.current?.ensureIndexVisible(0, "top");
  }, [props.rows]);
  return <div class="grid" ref={place} role="region" aria-label={props.label} />;
}

function options(now: { current: GridProps }): GridOptions<Row> {
  const selection = now.current.selectable
    ? { rowSelection: { mode: "multiRow" as const, checkboxes: true, headerCheckbox: true, enableClickSelection: false } }
    : {};
  return {
    ...selection,
    theme: gridTheme,
    styleNonce: nonce,
    columnDefs: columnsOf(now),
    rowData: now.current.rows.map((cells, at) => ({ at, cells })),
    defaultColDef: { sortable: false, resizable: true, suppressMovable: false, minWidth: 60, maxWidth: 900 },
    autoSizeStrategy: { type: "fitCellContents", defaultMaxWidth: 320 },
    animateRows: false,
    ensureDomOrder: true,
    suppressColumnVirtualisation: false,
    tabToNextCell: () => false,
    overlayNoRowsTemplate: undefined,
    suppressNoRowsOverlay: true,
    onCellDoubleClicked: ({ data, column }) => opened(now, data, column.getColId()),
    onCellKeyDown: (event) => pressed(now, event as CellKeyDownEvent<Row>),
    onSelectionChanged: ({ api }) => now.current.onSelect?.(api.getSelectedRows().map((row) => row.at)),
    onCellFocused: (_: CellFocusedEvent<Row>) => undefined,
  };
}

function columnsOf(now: { current: GridProps }): ColDef<Row>[] {
  const { columns, hidden, sort, descending, onSort } = now.current;
  return columns.map((column, at) => {
    const said: HeaderParams = {
      column_: column,
      sorted: sort !== column.name ? "" : descending ? "descending" : "ascending",
      onSort: onSort && column.ordered ? (each) => now.current.onSort?.(each) : null,
    };
    return {
      colId: String(at),
      headerName: column.name,
      hide: hidden?.has(column.name) ?? false,
      headerComponent: Header,
      headerComponentParams: said,
      cellClass: column.kind === "number" ? "number" : "",
      valueGetter: ({ data }) => (data ? textOf(data.cells[at] ?? null) : null),
      cellRenderer: ({ data }: ICellRendererParams<Row>) => {
        const row = data?.cells ?? [];
        const drawn = drawCell(column, row[at] ?? null);
        return now.current.decorate?.(column, row, drawn) ?? drawn;
      },
    };
  });
}

function opened(now: { current: GridProps }, row: Row | undefined, id: string): void {
  const column = now.current.columns[Number(id)];
  if (row && column && id !== ROW_NUMBER) now.current.onOpen?.(row.at, column);
}

function pressed(now: { current: GridProps }, event: CellKeyDownEvent<Row>): void {
  const key = event.event as KeyboardEvent | null;
  const column = now.current.columns[Number(event.column.getColId())];
  if (!key || !event.data || !column) return;
  if (key.key === "Enter") now.current.onOpen?.(event.data.at, column);
  if ((key.ctrlKey || key.metaKey) && key.key.toLowerCase() === "c" && !window.getSelection()?.toString()) {
    void copyCell(now, event.data, column);
  }
}

async function copyCell(now: { current: GridProps }, row: Row, column: Column): Promise<void> {
  const cell = row.cells[now.current.columns.indexOf(column)] ?? null;
  const isCut = cell !== null && typeof cell !== "string";
  const text = isCut && now.current.whole ? await now.current.whole(row.at, column) : textOf(cell);
  await copyText(text ?? "");
}
