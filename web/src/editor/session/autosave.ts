/**
 * Saving by itself, so that nothing is lost: a change is sent a moment after it was made, one request at a time,
 * always with the ETag of what it stands on. Somebody else's save in between is a conflict that a person decides.
 *
 * Knows no framework and no network: both are given.
 */

import type { components } from "#api";
import type { WorkflowDocument } from "../model/document.ts";

/** Milliseconds of quiet before a change is sent. */
export const QUIET_MS = 800;
/** Milliseconds until a save that did not reach the server is tried again. */
export const RETRY_MS = 4_000;

/** What a save came to. */
export type SaveResult =
  | {
      readonly kind: "saved";
      readonly etag: string;
      readonly version: number;
    }
  /** Somebody else saved in between. */
  | { readonly kind: "conflict" }
  /** The document cannot be saved as it is. */
  | { readonly kind: "refused"; readonly message: string; readonly faults: readonly Told[] }
  /** The server was not reached. */
  | { readonly kind: "unreachable"; readonly message: string };

/** Something that the server says about a place in the document. */
export type Told = Readonly<
  Pick<components["schemas"]["FieldError"], "pointer" | "message"> & Partial<components["schemas"]["Warning"]>
>;

/** How saving stands. */
export type SaveStatus =
  | { readonly kind: "saved" }
  | { readonly kind: "waiting" }
  | { readonly kind: "saving" }
  | { readonly kind: "incomplete" }
  | { readonly kind: "refused"; readonly message: string }
  | { readonly kind: "unreachable"; readonly message: string }
  | { readonly kind: "conflict" };

/** What saving needs of its surroundings. */
export interface SaveParts {
  /** Sends a document that stands on the version with this ETag. */
  readonly send: (document: WorkflowDocument, etag: string) => Promise<SaveResult>;
  /** Whether the document is whole enough to be sent; one that is not waits without an error message. */
  readonly isComplete: (document: WorkflowDocument) => boolean;
  /** Keeps what is not saved for a reload, or forgets it with undefined. */
  readonly keep: (document: WorkflowDocument | undefined, etag: string) => void;
  /** Starts a timer and gives the way to stop it. */
  readonly after: (milliseconds: number, then: () => void) => () => void;
}

/** Saves one open document. */
export class Autosave {
  #parts: SaveParts;
  #etag: string;
  #saved: WorkflowDocument;
  #wanted: WorkflowDocument;
  #status: SaveStatus = { kind: "saved" };
  #faults: readonly Told[] = [];
  #version: number;
  #stop: (() => void) | undefined;
  #running: Promise<void> | undefined;
  #listeners = new Set<() => void>();

  constructor(document: WorkflowDocument, etag: string, version: number, parts: SaveParts) {
    this.#parts = parts;
    this.#etag = etag;
    this.#version = version;
    this.#saved = document;
    this.#wanted = document;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** How saving stands. The same object until it changes. */
  readonly status = (): SaveStatus => this.#status;
  /** What the last save was refused for. */
  readonly faults = (): readonly Told[] => this.#faults;
  /** The version that was saved last. */
  readonly version = (): number => this.#version;
  /** The document that the server has. */
  readonly base = (): WorkflowDocument => this.#saved;
  /** Whether everything is saved. */
  readonly isClean = (): boolean => this.#wanted === this.#saved;

  /** The document changed. */
  changed(document: WorkflowDocument): void {
    if (document === this.#wanted) return;
    this.#wanted = document;
    if (this.isClean()) {
      this.#parts.keep(undefined, this.#etag);
      this.#cancel();
      if (this.#status.kind !== "conflict") this.#set({ kind: "saved" });
      return;
    }
    this.#parts.keep(document, this.#etag);
    if (this.#status.kind === "conflict") return;
    this.#plan(QUIET_MS);
  }

  /** What keeps the document from being sent may have changed: it is looked at again. */
  reconsider(): void {
    if (this.isClean()) return;
    const isHeld = !this.#parts.isComplete(this.#wanted);
    if (this.#status.kind === "incomplete" && !isHeld) this.#plan(QUIET_MS);
    else if (this.#status.kind === "waiting" && isHeld) this.#plan(QUIET_MS);
  }

  /** Saves now. Resolves when nothing is left to send, or when it cannot be sent; true when everything is saved. */
  async flush(): Promise<boolean> {
    this.#cancel();
    while (this.#running) await this.#running;
    if (this.#status.kind === "conflict" || this.isClean()) return this.isClean();
    await this.#send();
    return this.isClean();
  }

  /** After a conflict: what was merged or chosen stands on the version with this ETag. */
  settle(theirs: WorkflowDocument, etag: string, version: number, chosen: WorkflowDocument): void {
    this.#saved = theirs;
    this.#etag = etag;
    this.#version = version;
    this.#wanted = chosen;
    if (chosen === theirs) {
      this.#parts.keep(undefined, etag);
      this.#set({ kind: "saved" });
    } else {
      this.#parts.keep(chosen, etag);
      this.#plan(0);
    }
  }

  /** No timer goes on: the editor is closed. */
  dispose(): void {
    this.#cancel();
    this.#listeners.clear();
  }

  #plan(milliseconds: number): void {
    this.#cancel();
    if (!this.#parts.isComplete(this.#wanted)) {
      this.#set({ kind: "incomplete" });
      return;
    }
    this.#set({ kind: "waiting" });
    this.#stop = this.#parts.after(milliseconds, () => {
      this.#stop = undefined;
      if (!this.#running) void this.#send();
    });
  }

  #cancel(): void {
    this.#stop?.();
    this.#stop = undefined;
  }

  async #send(): Promise<void> {
    const document = this.#wanted;
    if (!this.#parts.isComplete(document)) {
      this.#set({ kind: "incomplete" });
      return;
    }
    this.#set({ kind: "saving" });
    const run = (async () => this.#take(document, await this.#parts.send(document, this.#etag)))();
    this.#running = run;
    await run;
    this.#running = undefined;
    // What was changed while the request went on follows at once.
    if (this.#status.kind === "waiting" && !this.#stop) await this.#send();
  }

  #take(document: WorkflowDocument, result: SaveResult): void {
    if (result.kind === "saved") {
      this.#saved = document;
      this.#etag = result.etag;
      this.#version = result.version;
      this.#faults = [];
      if (this.isClean()) {
        this.#parts.keep(undefined, this.#etag);
        this.#set({ kind: "saved" });
      } else {
        this.#parts.keep(this.#wanted, this.#etag);
        this.#set(this.#parts.isComplete(this.#wanted) ? { kind: "waiting" } : { kind: "incomplete" });
      }
    } else if (result.kind === "refused") {
      this.#faults = result.faults;
      this.#set({ kind: "refused", message: result.message });
    } else if (result.kind === "unreachable") {
      this.#set({ kind: "unreachable", message: result.message });
      this.#stop = this.#parts.after(RETRY_MS, () => {
        this.#stop = undefined;
        void this.flush();
      });
    } else {
      this.#set({ kind: "conflict" });
    }
  }

  #set(status: SaveStatus): void {
    this.#status = status;
    for (const listener of this.#listeners) listener();
  }
}
