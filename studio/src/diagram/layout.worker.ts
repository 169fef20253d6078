/** Runs the layout off the main thread. */

import { layout, type Layout, type LayoutInput } from "./layout";

/** A question, numbered so that late answers can be told from the awaited one. */
export interface LayoutRequest { id: number; input: LayoutInput }
export interface LayoutReply { id: number; layout: Layout }

addEventListener("message", (event: MessageEvent<LayoutRequest>) => {
  const reply: LayoutReply = { id: event.data.id, layout: layout(event.data.input) };
  postMessage(reply);
});
