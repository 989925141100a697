/**
 * The outputs that people pinned to nodes for tests, kept in this browser so that a reload does not lose them. Texts
 * that look like a secret are not kept, as in drafts.
 */

import { isObject, type Json, type JsonObject } from "../model/document.ts";
import { withoutSecrets } from "./drafts.ts";
import { pinKey } from "./pin-keys.ts";

/** A pinned output. */
export interface Pin {
  readonly output: Json;
  /** The port that the node is taken to leave by. */
  readonly port: string;
}

/** Keeps the pins of a workflow, by the node's id. A browser that cannot keep anything is no error. */
export function keepPins(workflow: string, pins: ReadonlyMap<string, Pin>): void {
  try {
    if (pins.size === 0) localStorage.removeItem(pinKey(workflow));
    else {
      const entries = [...pins].map(([id, { output, port }]) => [
        id,
        { output: withoutSecrets(output), port },
      ]);
      localStorage.setItem(pinKey(workflow), JSON.stringify(Object.fromEntries(entries)));
    }
  } catch {
    // Private windows and full disks refuse; the pins are there until the editor is closed.
  }
}

/** The kept pins of a workflow, by the node's id. */
export function readPins(workflow: string): ReadonlyMap<string, Pin> {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(pinKey(workflow)) ?? "{}");
    const pins = Object.entries(isObject(found) ? found : {}).flatMap(([id, pin]): [string, Pin][] =>
      isObject(pin) && "output" in pin && typeof (pin as JsonObject).port === "string"
        ? [[id, { output: pin.output as Json, port: String(pin.port) }]]
        : [],
    );
    return new Map(pins);
  } catch {
    return new Map();
  }
}
