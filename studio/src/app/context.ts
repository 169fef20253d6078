import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Overview } from "../api";

/** A tenant that the lens is on. */
export interface Tenant { key: string; label: string }

export interface Shared {
  overview: Overview;
  reload(): void;
  tenant: Tenant | null;
  setTenant(to: Tenant | null): void;
}

export const SharedContext = createContext<Shared | null>(null);

/** What every page knows. */
export function useShared(): Shared {
  const found = useContext(SharedContext);
  if (!found) throw new Error("no context");
  return found;
}

const KEY = "mizzle-tenant";

/** The tenant that this tab had the lens on, in this database. */
export function rememberedTenant(database: string): Tenant | null {
  try {
    const found = JSON.parse(sessionStorage.getItem(KEY) ?? "null") as (Tenant & { database: string }) | null;
    return found && found.database === database ? { key: found.key, label: found.label } : null;
  } catch {
    return null;
  }
}

export function rememberTenant(database: string, tenant: Tenant | null): void {
  if (tenant) sessionStorage.setItem(KEY, JSON.stringify({ database, ...tenant }));
  else sessionStorage.removeItem(KEY);
}
