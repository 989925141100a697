/** Workflows as files: written from a document, read from a text, and made anew from either. */
import { api, value } from "../api/client.ts";
import { ApiError } from "../api/problem.ts";
import {
  DocumentError,
  readDocument,
  type WorkflowDocument,
  writeDocument,
} from "../editor/model/document.ts";

/** The document as the text of a file. */
export const textOf = (document: WorkflowDocument): string =>
  JSON.stringify(writeDocument(document), null, 2);

/** Saves a document as a file of its name. */
export function saveAsFile(document: WorkflowDocument): void {
  const link = window.document.createElement("a");
  link.href = URL.createObjectURL(new Blob([textOf(document)], { type: "application/json" }));
  link.download = `${document.name.replace(/[^\p{L}\p{N}]+/gu, "-").toLowerCase() || "workflow"}.json`;
  link.click();
  URL.revokeObjectURL(link.href);
}

/** Reads the text of a file. Throws a {@link DocumentError} with a sentence for people. */
export function documentIn(text: string): WorkflowDocument {
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    throw new DocumentError(
      "This is not JSON. Choose a file that “Save as a file” made, or paste all of its text.",
    );
  }
  return readDocument(read);
}

/** The places of nodes whose credential a problem says does not exist for the reader. */
const strangers = (error: unknown): ReadonlySet<number> =>
  new Set(
    (error instanceof ApiError ? (error.problem.errors ?? []) : []).flatMap(({ pointer }) => {
      const place = /^\/nodes\/(\d+)\/credentialId$/.exec(pointer)?.[1];
      return place === undefined ? [] : [Number(place)];
    }),
  );

/** A document in which the nodes at these places name no credential. */
export const withoutCredentials = (
  document: WorkflowDocument,
  places: ReadonlySet<number>,
): WorkflowDocument => ({
  ...document,
  nodes: document.nodes.map((node, place) => {
    if (!places.has(place)) return node;
    const { credentialId: _, ...rest } = node;
    return rest;
  }),
});

/** A workflow that was made of a document. */
export interface Made {
  readonly id: string;
  /** The names of the nodes whose credential does not exist here, and that now have none. */
  readonly withoutCredential: readonly string[];
}

/** Makes a workflow. A document of another workspace names credentials that do not exist here: they are left out. */
export async function makeWorkflow(document: WorkflowDocument): Promise<Made> {
  const make = async (whole: WorkflowDocument) => {
    const made = await value(api.POST("/api/workflows", { body: writeDocument(whole) }));
    return made.id;
  };
  try {
    return { id: await make(document), withoutCredential: [] };
  } catch (error) {
    const places = strangers(error);
    if (places.size === 0) throw error;
    const names = document.nodes.filter((_, place) => places.has(place)).map(({ name }) => name);
    return { id: await make(withoutCredentials(document, places)), withoutCredential: names };
  }
}
