import { useId, useRef } from "preact/hooks";

/** A button with what it opens below it; Escape and a click elsewhere close it, as the browser does it. */
export function Menu(props: { label: string; title?: string; disabled?: boolean; children: preact.ComponentChildren }) {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const panel = useRef<HTMLDivElement>(null);
  function place(event: Event) {
    const from = button.current?.getBoundingClientRect();
    const to = panel.current;
    if (!from || !to || (event as ToggleEvent).newState !== "open") return;
    const width = to.offsetWidth;
    to.style.left = `${Math.max(8, Math.min(from.left, window.innerWidth - width - 8))}px`;
    to.style.top = `${from.bottom + 4}px`;
    to.style.maxHeight = `${window.innerHeight - from.bottom - 16}px`;
  }
  return (
    <>
      <button ref={button} type="button" popovertarget={id} disabled={props.disabled} title={props.title}>
        {props.label} <span aria-hidden="true">▾</span>
      </button>
      <div ref={panel} id={id} popover="auto" class="menu" onToggle={place} role="group" aria-label={props.label}>
        {props.children}
      </div>
    </>
  );
}

/** Close the menu that an element is in. */
export function closeMenu(event: Event): void {
  (event.currentTarget as HTMLElement).closest<HTMLElement>("[popover]")?.hidePopover();
}
