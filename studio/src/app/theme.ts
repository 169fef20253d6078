/** Light, dark, or as the system has it. */
export type Theme = "system" | "light" | "dark";

const KEY = "mizzle-theme";

export function theme(): Theme {
  const found = localStorage.getItem(KEY);
  return found === "light" || found === "dark" ? found : "system";
}

export function setTheme(to: Theme): void {
  if (to === "system") localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, to);
  applyTheme();
}

export function applyTheme(): void {
  const found = theme();
  if (found === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = found;
}
