/** Put a text on the clipboard; where the browser lets nobody (no focus, an old one), through a field. */
export async function copyText(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const field = document.createElement("textarea");
    field.value = text;
    document.body.append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
  }
  announce("copied");
}

let clearing = 0;

/** Say a word to everybody, seen and heard. */
export function announce(text: string): void {
  const place = document.getElementById("announcement");
  if (!place) return;
  place.textContent = text;
  place.dataset.shown = "true";
  window.clearTimeout(clearing);
  clearing = window.setTimeout(() => { place.dataset.shown = "false"; }, 2_000);
}
