/** How an event comes and how far its subscription is, in words. */

import type { Trigger } from "../../../catalog/types.ts";

/** The way in which an event comes, as a sentence. */
export function wayText(way: Trigger["way"], service: string): string {
  switch (way) {
    case "registered":
      return `Flero registers a webhook at ${service} with the credential when you activate the workflow, and removes it when you deactivate it.`;
    case "manual":
      return `You enter an address of Flero at ${service} once; ${service} then sends each event to it, signed.`;
    case "polling":
      return `${service} sends nothing by itself: Flero asks for what is new, and every new thing begins a run.`;
    default:
      return "A workflow cannot wait for this event: its description does not say how it comes. Use a Webhook trigger.";
  }
}

/** How far a subscription is: a word, its tone, and what it means. */
export function stateText(
  state: string,
  way: string,
  service: string,
): { readonly word: string; readonly text: string } {
  const isPolling = way === "polling";
  switch (state) {
    case "active":
      return {
        word: isPolling ? "asking" : "listening",
        text: isPolling ? `Flero asks ${service} for what is new.` : `${service} sends events to Flero.`,
      };
    case "pending":
    case "registering":
      return { word: "registering", text: `Flero is making itself known at ${service}.` };
    case "removing":
      return { word: "removing", text: `Flero is taking its webhook away from ${service}.` };
    default:
      return { word: "paused", text: "No run starts until the workflow is active again." };
  }
}
