import { lazy, Suspense } from "preact/compat";
import { useCallback, useEffect, useMemo, useState } from "preact/hooks";
import { Link, Route, Switch, useLocation } from "wouter-preact";
import { get, type Overview, type Problem } from "../api";
import { Home } from "../pages/Home";
import { ProblemBox } from "../parts/Problem";
import { rememberedTenant, rememberTenant, SharedContext, type Tenant } from "./context";
import { Sidebar } from "./Sidebar";
import { TenantPicker } from "./TenantPicker";
import { setTheme, theme, type Theme } from "./theme";
import { asProblem } from "./useAsked";
import "./app.css";

const DataPage = lazy(() => import("../data/DataPage"));
const StructurePage = lazy(() => import("../pages/StructurePage"));
const DiagramPage = lazy(() => import("../pages/DiagramPage"));
const MigrationsPage = lazy(() => import("../pages/MigrationsPage"));
const SqlPage = lazy(() => import("../pages/SqlPage"));

/** The frame that every page stands in. */
export function App() {
  const [overview, setOverview] = useState<Overview | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [tenant, chooseTenant] = useState<Tenant | null>(null);
  const reload = useCallback(() => {
    get<Overview>("overview").then(
      (found) => { setOverview(found); setProblem(null); },
      (error: unknown) => setProblem(asProblem(error)),
    );
  }, []);
  useEffect(reload, [reload]);
  useEffect(() => {
    if (overview?.lens) chooseTenant((now) => now ?? rememberedTenant(overview.database));
  }, [overview]);
  const shared = useMemo(() => overview && {
    overview, reload, tenant,
    setTenant(to: Tenant | null) { rememberTenant(overview.database, to); chooseTenant(to); },
  }, [overview, reload, tenant]);
  if (!shared) return <main class="first">{problem ? <ProblemBox problem={problem} /> : <p role="status">reading the schema …</p>}</main>;
  return (
    <SharedContext.Provider value={shared}>
      <a class="skip" href="#main">Skip to the page</a>
      <TopBar overview={shared.overview} />
      <div class="frame">
        <Sidebar />
        <main id="main" tabIndex={-1}>
          {problem && <ProblemBox problem={problem} />}
          <Suspense fallback={<p role="status" class="loading">loading …</p>}>
            <Switch>
              <Route path="/" component={Home} />
              <Route path="/data/:schema/:name" component={DataPage} />
              <Route path="/structure/:schema/:name" component={StructurePage} />
              <Route path="/diagram" component={DiagramPage} />
              <Route path="/migrations" component={MigrationsPage} />
              <Route path="/sql" component={SqlPage} />
              <Route><p class="loading">There is no such page. <Link href="/">All tables</Link></p></Route>
            </Switch>
          </Suspense>
        </main>
      </div>
      <div id="announcement" role="status" aria-live="polite" />
    </SharedContext.Provider>
  );
}

function TopBar(props: { overview: Overview }) {
  const { database, major, role, write, project } = props.overview;
  return (
    <header class="top">
      <Link href="/" class="brand"><img src="/assets/icon.svg" alt="" width="22" height="22" /> Mizzle Studio</Link>
      <nav aria-label="Pages">
        <NavLink href="/" also={["/data", "/structure"]}>Tables</NavLink>
        <NavLink href="/diagram">Diagram</NavLink>
        {project && <NavLink href="/migrations">Migrations</NavLink>}
        <NavLink href="/sql">SQL</NavLink>
      </nav>
      <TenantPicker />
      <span class="where" title={`as ${role}, on PostgreSQL ${major}`}>{database} <span class="muted">· {role} · PostgreSQL {major}</span></span>
      <span class={`badge ${write ? "warn" : "good"}`}>{write ? "writing" : "read only"}</span>
      <ThemeChoice />
    </header>
  );
}

function NavLink(props: { href: string; also?: string[]; children: preact.ComponentChildren }) {
  const [path] = useLocation();
  const here = path === props.href || (props.also ?? []).some((each) => path.startsWith(each));
  return <Link href={props.href} aria-current={here ? "page" : undefined}>{props.children}</Link>;
}

function ThemeChoice() {
  const [now, setNow] = useState<Theme>(theme());
  function choose(event: Event) {
    const to = (event.currentTarget as HTMLSelectElement).value as Theme;
    setTheme(to);
    setNow(to);
  }
  return (
    <select aria-label="Colours" class="theme" value={now} onChange={choose}>
      <option value="system">system</option>
      <option value="light">light</option>
      <option value="dark">dark</option>
    </select>
  );
}
