import { useEffect, useId, useState } from "preact/hooks";
import { get } from "../api";
import { closeMenu, Menu } from "../parts/Menu";
import { useShared, type Tenant } from "./context";
import { useAsked } from "./useAsked";

interface Found { tenants: Tenant[]; more: boolean }

/** Chooses the tenant whose rows alone are shown, once for all tables. */
export function TenantPicker() {
  const { overview, tenant, setTenant } = useShared();
  if (!overview.lens) return overview.lens_problem ? <span class="badge warn" title={overview.lens_problem}>no tenant lens</span> : null;
  return (
    <div class={`lens ${tenant ? "on" : ""}`}>
      <Menu label={tenant ? `Tenant: ${tenant.label}` : "All tenants"} title="Show the rows of one tenant only">
        <Choice />
      </Menu>
      {tenant && <button type="button" class="quiet" onClick={() => setTenant(null)} aria-label="Show all tenants" title="Show all tenants">✕</button>}
    </div>
  );
}

function Choice() {
  const { setTenant } = useShared();
  const [typed, setTyped] = useState("");
  const wanted = useSettled(typed);
  const id = useId();
  const asked = useAsked(`tenants ${wanted}`, (signal) => get<Found>("tenants", { search: wanted }, signal));
  function choose(event: Event, to: Tenant | null) {
    setTenant(to);
    closeMenu(event);
  }
  return (
    <div class="choice">
      <label for={id} class="hidden">Find a tenant</label>
      <input id={id} type="search" placeholder="Find a tenant" value={typed} onInput={(event) => setTyped(event.currentTarget.value)} />
      <button type="button" class="quiet" onClick={(event) => choose(event, null)}>All tenants</button>
      {asked.answer?.tenants.map((each) => (
        <button key={each.key} type="button" class="quiet" onClick={(event) => choose(event, each)} title={each.key}>
          {each.label || each.key}
        </button>
      ))}
      {asked.answer?.more && <p class="muted">There are more: type a part of the name.</p>}
      {asked.answer?.tenants.length === 0 && <p class="muted">No tenant has this name.</p>}
      {asked.problem && <p class="muted">{asked.problem.message}</p>}
    </div>
  );
}

/** A text once nobody has typed for a moment. */
export function useSettled(text: string, ms = 200): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = window.setTimeout(() => setSettled(text), ms);
    return () => window.clearTimeout(timer);
  }, [text, ms]);
  return settled;
}
