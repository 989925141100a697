/** One open editor: its document, its saving, its runs, its faults; for every component below by context. */

import { createContext, type ReactNode, useContext } from "react";
import { check, type Fault, placeOf } from "../model/check.ts";
import { moveNodes } from "../model/commands.ts";
import { nodeById, type WorkflowDocument, type WorkflowNode } from "../model/document.ts";
import { layOut, needsLayout } from "../model/layout.ts";
import { EditorStore } from "../model/store.ts";
import {
  checkWorkflow,
  type Findings,
  loadFields,
  loadWorkflow,
  type OpenWorkflow,
  saveWorkflow,
  type WorkflowFacts,
} from "./api.ts";
import { Autosave } from "./autosave.ts";
import { keepDraft } from "./drafts.ts";
import { Live, useLive } from "./live.ts";
import { Operations } from "./operations.ts";
import { Runs } from "./runs.ts";
import { PASTED_SECRET, PastedSecrets } from "./secrets.ts";

/** Milliseconds of quiet before the server is asked about a document that is not saved. */
const CHECK_MS = 500;

/** What is wrong, from here and from the server. */
export interface Verdict {
  readonly faults: readonly Fault[];
  readonly byNode: ReadonlyMap<string, readonly Fault[]>;
  /** The next times at which the schedule fires. */
  readonly nextRuns: readonly string[];
}

function verdictOf(faults: readonly Fault[], nextRuns: readonly string[]): Verdict {
  const map = new Map<string, Fault[]>();
  for (const fault of faults)
    if (fault.node !== undefined) map.set(fault.node, [...(map.get(fault.node) ?? []), fault]);
  return { faults, byNode: map, nextRuns };
}

/** An open editor. */
export class Session {
  readonly id: string;
  readonly store: EditorStore;
  readonly autosave: Autosave;
  readonly runs: Runs;
  readonly facts: Live<WorkflowFacts>;
  readonly verdict: Live<Verdict>;
  #asked: AbortController | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #stop: () => void;
  #findings: Findings = { errors: [], warnings: [], nextRuns: [] };
  #checked: WorkflowDocument | undefined;
  readonly #operations = new Operations(loadFields, () => {
    this.autosave.reconsider();
    this.#tell();
  });
  readonly #secrets = new PastedSecrets();

  constructor(opened: OpenWorkflow, draft?: WorkflowDocument) {
    this.id = opened.facts.id;
    const placed = needsLayout(opened.document)
      ? moveNodes(opened.document, layOut(opened.document))
      : opened.document;
    this.store = new EditorStore(draft ?? placed);
    this.facts = new Live(opened.facts);
    this.runs = new Runs(this.id, () => this.store.document);
    this.autosave = new Autosave(placed, opened.etag, opened.facts.version, {
      send: async (document, etag) => {
        const result = await saveWorkflow(this.id, document, etag);
        if (result.kind === "saved" && result.opened) this.facts.set(result.opened.facts);
        return result;
      },
      isComplete: (document) =>
        !this.#operations.need(document) &&
        check(document, this.#operations.known).every((fault) => fault.level === "warning") &&
        !this.#holdsSecret(document),
      keep: (document, etag) => keepDraft(this.id, document, etag),
      after: (milliseconds, then) => {
        const timer = setTimeout(then, milliseconds);
        return () => clearTimeout(timer);
      },
    });
    this.verdict = new Live(verdictOf(check(this.store.document), []));
    let last = this.store.document;
    this.#stop = this.store.subscribe(() => {
      if (this.store.document === last) return;
      last = this.store.document;
      this.#changed();
    });
    if (draft) this.autosave.changed(draft);
    this.#operations.need(this.store.document);
    this.#plan(0);
  }

  /** Ends timers and streams. */
  dispose(): void {
    this.#stop();
    clearTimeout(this.#timer);
    this.#asked?.abort();
    this.autosave.dispose();
    this.runs.dispose();
  }

  #changed(): void {
    this.autosave.changed(this.store.document);
    this.#tell();
    this.#plan(CHECK_MS);
  }

  /**
   * Brings in what somebody else saved meanwhile, as long as nothing here waits to be saved. Gives the version that
   * came, or undefined. What was changed in both places stays a conflict, which a person decides.
   */
  async refresh(): Promise<number | undefined> {
    if (!this.autosave.isClean()) return undefined;
    const opened = await loadWorkflow(this.id);
    if (!this.autosave.isClean()) return undefined;
    const { version } = opened.facts;
    const isNew = version > this.autosave.version();
    const document = isNew ? opened.document : this.store.document;
    // The status may have changed too, and with it the ETag.
    this.autosave.settle(document, opened.etag, version, document);
    if (isNew) this.store.run({ label: `Bring in version ${version}` }, () => document);
    this.facts.set(opened.facts);
    return isNew ? version : undefined;
  }

  /** A text that looks like a secret is none: the document is saved with it. */
  allowText(text: string): void {
    this.#secrets.allow(text);
    this.#tell();
    this.autosave.reconsider();
  }

  /** Whether a document has something that looks like a secret and was not saved before. */
  #holdsSecret(document: WorkflowDocument): boolean {
    const saved = this.autosave.base();
    if (this.#secrets.found(document, saved).length > 0) return true;
    return (
      this.#checked === document &&
      this.#findings.warnings.some(
        (told) =>
          told.code === PASTED_SECRET && this.#secrets.holds(document, saved, placeOf(document, told)),
      )
    );
  }

  #plan(milliseconds: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#ask(), milliseconds);
  }

  async #ask(): Promise<void> {
    this.#asked?.abort();
    this.#asked = new AbortController();
    const document = this.store.document;
    try {
      this.#findings = await checkWorkflow(document, this.#asked.signal);
      this.#checked = document;
      this.#tell();
      this.autosave.reconsider();
    } catch {
      // The own checks stay; a save tells what is wrong in any case.
    }
  }

  /** The own faults, and those of the server that the own checks do not know: pasted secrets above all. */
  #tell(): void {
    const document = this.store.document;
    const own = check(document, this.#operations.known);
    const place = (fault: Fault) => `${fault.node ?? ""} ${fault.path.join("/")}`;
    const known = new Set(own.map(place));
    const base = this.#checked ?? document;
    const errors = this.#findings.errors.map((told) => placeOf(base, told));
    const saved = this.autosave.base();
    const early = this.#secrets.found(document, saved).filter((fault) => !known.has(place(fault)));
    for (const fault of early) known.add(place(fault));
    const warnings = this.#findings.warnings
      .map((told) => placeOf(base, told, "warning"))
      .map((fault) =>
        this.#secrets.holds(document, saved, fault) ? { ...fault, level: "error" as const } : fault,
      );
    const isCurrent = this.#checked === document;
    const ofServer = (isCurrent ? [...errors, ...warnings] : warnings).filter(
      (fault) =>
        !known.has(place(fault)) &&
        !(
          fault.level === "error" &&
          fault.code !== PASTED_SECRET &&
          own.some((other) => other.node === fault.node && other.level === "error")
        ),
    );
    this.verdict.set(verdictOf([...own, ...early, ...ofServer], this.#findings.nextRuns));
  }
}

const Context = createContext<Session | null>(null);

/** Gives the components below an open editor. */
export function SessionProvider({ session, children }: { session: Session; children: ReactNode }) {
  return <Context.Provider value={session}>{children}</Context.Provider>;
}

/** The open editor. */
export function useSession(): Session {
  const session = useContext(Context);
  if (!session) throw new Error("This component stands outside of an editor.");
  return session;
}

/** The document. */
export const useDocument = (): WorkflowDocument => useLive(useSession().store, (state) => state.document);

/** One node, or undefined when it is gone. */
export const useNode = (id: string): WorkflowNode | undefined =>
  useLive(useSession().store, (state) => nodeById(state.document, id));

/** The id of the only selected node. */
export const useOnlySelected = (): string | undefined =>
  useLive(useSession().store, ({ selection }) =>
    selection.nodes.size === 1 ? [...selection.nodes][0] : undefined,
  );
