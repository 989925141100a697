/**
 * What could not be saved yet, kept in this browser until it is: a reload, a crash or a server that is away loses
 * nothing. Texts that look like a secret are not kept: they belong into a credential and nowhere else.
 */

import {
  isObject,
  type Json,
  type JsonObject,
  readDocument,
  type WorkflowDocument,
  writeDocument,
} from "../model/document.ts";
import { looksSecret } from "../model/pasted.ts";

/** A draft of a workflow. */
export interface Draft {
  readonly document: WorkflowDocument;
  /** The ETag of what it stands on. */
  readonly etag: string;
  /** When it was kept, in milliseconds since 1970. */
  readonly at: number;
}

const key = (workflow: string) => `flero-draft:${workflow}`;

/** A value without texts that look like a secret; what was taken out is an empty text. */
export function withoutSecrets(value: unknown, name = ""): Json {
  if (typeof value === "string") {
    return looksSecret(value, name) ? "" : value;
  }
  if (Array.isArray(value)) return value.map((item) => withoutSecrets(item, name));
  if (isObject(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([member, item]) => [
        member,
        member === "credentialId" ? item : withoutSecrets(item, member),
      ]),
    );
  }
  return value as Json;
}

/** Keeps a draft, or forgets it with undefined. A browser that cannot keep anything is no error. */
export function keepDraft(workflow: string, document: WorkflowDocument | undefined, etag: string): void {
  try {
    if (document === undefined) localStorage.removeItem(key(workflow));
    else {
      const draft = { etag, at: Date.now(), document: withoutSecrets(writeDocument(document)) };
      localStorage.setItem(key(workflow), JSON.stringify(draft));
    }
  } catch {
    // Private windows and full disks refuse; the editor goes on without a draft.
  }
}

/** The draft of a workflow, if there is one. */
export function readDraft(workflow: string): Draft | undefined {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(key(workflow)) ?? "null");
    if (!isObject(value) || typeof value.etag !== "string" || typeof value.at !== "number") return undefined;
    return { etag: value.etag, at: value.at, document: readDocument(value.document as JsonObject) };
  } catch {
    return undefined;
  }
}
