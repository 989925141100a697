/**
 * The inputs of the operations that a document calls and of the event that it waits for, so that what is missing is told before a save and a document
 * is not sent while they are on their way.
 */

import { eventKey, type KnownOperations, operationKey } from "../model/check.ts";
import type { WorkflowDocument } from "../model/document.ts";
import type { Field } from "../model/fields.ts";

/** Asks for the inputs of an operation, or of an event. */
export type LoadFields = (
  connector: string,
  name: string,
  kind: "operation" | "event",
) => Promise<readonly Field[]>;

/** The operations of one open editor. */
export class Operations {
  #known: KnownOperations = new Map();
  /** What was asked for; without fields yet, or for good where it could not be read: the server judges it then. */
  readonly #asked = new Map<string, "pending" | "done">();
  readonly #load: LoadFields;
  readonly #told: () => void;

  /** `told` is called when further inputs are known. */
  constructor(load: LoadFields, told: () => void) {
    this.#load = load;
    this.#told = told;
  }

  get known(): KnownOperations {
    return this.#known;
  }

  /** Asks for what a document calls and is not known; whether something is on its way. */
  need(document: WorkflowDocument): boolean {
    let isPending = false;
    for (const { connector, operation, event } of document.nodes) {
      const name = operation ?? event;
      if (!connector || !name) continue;
      const key = operation ? operationKey(connector, name) : eventKey(connector, name);
      if (!this.#asked.has(key))
        void this.#ask(key, this.#load(connector, name, operation ? "operation" : "event"));
      isPending ||= this.#asked.get(key) === "pending";
    }
    return isPending;
  }

  async #ask(key: string, answer: Promise<readonly Field[]>): Promise<void> {
    this.#asked.set(key, "pending");
    try {
      const fields = await answer;
      this.#known = new Map(this.#known).set(key, fields);
    } catch {
      // The server tells what is wrong when the document is saved.
    }
    this.#asked.set(key, "done");
    this.#told();
  }
}
