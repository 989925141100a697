/**
 * Keeps secrets out of saved versions: a document with a text that looks like one is not sent by itself, until the
 * text was taken out or a person has said that it is none. What is saved already is only warned of.
 */

import type { Fault } from "../model/check.ts";
import { nodeById, type WorkflowDocument } from "../model/document.ts";
import { secretsOf, textAt } from "../model/pasted.ts";

/** The server's code for a field with what looks like a secret. */
export const PASTED_SECRET = "workflow.pasted_secret";

/** What a person said about texts that look like a secret, while one editor is open. */
export class PastedSecrets {
  readonly #harmless = new Set<string>();

  /** This text is no secret. */
  allow(value: string): void {
    this.#harmless.add(value);
  }

  /** Whether what stands at the place keeps the document from being saved. */
  holds(
    document: WorkflowDocument,
    saved: WorkflowDocument,
    at: { readonly node?: string; readonly path: Fault["path"] },
  ): boolean {
    const node = at.node === undefined ? undefined : nodeById(document, at.node);
    const value = node && textAt(node, at.path);
    if (value === undefined || this.#harmless.has(value)) return false;
    const former = nodeById(saved, at.node as string);
    return former === undefined || textAt(former, at.path) !== value;
  }

  /** The places with a new text that looks like a secret, before the server was asked. */
  found(document: WorkflowDocument, saved: WorkflowDocument): readonly Fault[] {
    return document.nodes.flatMap((node) =>
      nodeById(saved, node.id) === node
        ? []
        : secretsOf(node)
            .filter(({ path }) => this.holds(document, saved, { node: node.id, path }))
            .map(({ path }) => ({
              node: node.id,
              path,
              level: "error" as const,
              code: PASTED_SECRET,
              message:
                "This field holds what looks like a secret. Store it as a credential and choose that in the node.",
            })),
    );
  }
}
