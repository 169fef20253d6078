import { themeQuartz } from "ag-grid-community";

/** The grid in our own colours, which are the page's for light and for dark. */
export const gridTheme = themeQuartz.withParams({
  backgroundColor: "var(--ground)",
  foregroundColor: "var(--text)",
  textColor: "var(--text)",
  subtleTextColor: "var(--muted)",
  headerTextColor: "var(--text)",
  headerBackgroundColor: "var(--panel)",
  oddRowBackgroundColor: "var(--ground)",
  borderColor: "var(--line)",
  accentColor: "var(--accent)",
  rowHoverColor: "var(--panel)",
  selectedRowBackgroundColor: "var(--accent-ground)",
  fontFamily: "inherit",
  fontSize: 13,
  headerFontSize: 13,
  rowHeight: 28,
  headerHeight: 46,
  cellHorizontalPadding: 8,
  wrapperBorderRadius: 0,
  wrapperBorder: false,
  columnBorder: true,
});
