/** Keeps the drawing of a diagram up to date, by a worker. */

import { useEffect, useRef, useState } from "preact/hooks";
import type { Diagram } from "../api";
import type { Detail } from "./boxes";
import type { LayoutReply, LayoutRequest } from "./layout.worker";
import { planOf, sceneOf, type Plan, type Scene } from "./scene";

/** What was drawn last, of what, and whether something newer is being laid out. */
export interface Drawing { scene: Scene; shown: Diagram; whole: Diagram }
export interface SceneState { drawing: Drawing | null; busy: boolean; failed: boolean }

/** A worker that answers only the last question: an unfinished older one is given up. */
class Layouter {
  private worker: Worker | null = null;
  private last = 0;
  private waiting = false;

  ask(plan: Plan, done: (reply: LayoutReply) => void, failed: () => void): void {
    if (this.waiting) this.end();
    const worker = (this.worker ??= new Worker(new URL("./layout.worker.ts", import.meta.url), { type: "module" }));
    const request: LayoutRequest = { id: ++this.last, input: plan.input };
    this.waiting = true;
    worker.onmessage = (event: MessageEvent<LayoutReply>) => {
      if (event.data.id !== this.last) return;
      this.waiting = false;
      done(event.data);
    };
    worker.onerror = () => {
      this.end();
      failed();
    };
    worker.postMessage(request);
  }

  end(): void {
    this.worker?.terminate();
    this.worker = null;
    this.waiting = false;
  }
}

/** Draws the shown part of a diagram. The drawing of another whole is never handed out. */
export function useScene(whole: Diagram, shown: Diagram, detail: Detail, aspect: number | null): SceneState {
  const layouter = useRef<Layouter | null>(null);
  const [drawing, setDrawing] = useState<Drawing | null>(null);
  const [busy, setBusy] = useState(true);
  const [failed, setFailed] = useState(false);
  useEffect(() => () => layouter.current?.end(), []);
  useEffect(() => {
    if (aspect === null) return;
    let stale = false;
    setBusy(true);
    setFailed(false);
    const plan = planOf(shown, detail, aspect);
    const finish = (reply: LayoutReply | null) => {
      if (stale) return;
      setBusy(false);
      setFailed(!reply);
      if (reply) setDrawing({ scene: sceneOf(plan, reply.layout), shown, whole });
    };
    (layouter.current ??= new Layouter()).ask(plan, finish, () => finish(null));
    return () => { stale = true; };
  }, [whole, shown, detail, aspect]);
  return { drawing: drawing?.whole === whole ? drawing : null, busy, failed };
}
