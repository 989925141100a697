/**
 * The state of one open editor: the document with its history, and what is selected. Screens subscribe to it
 * (`useSyncExternalStore`); they change it through {@link EditorStore.run}.
 */

import { Refused } from "./commands.ts";
import { edgeKey, type WorkflowDocument, type WorkflowNode } from "./document.ts";
import * as history from "./history.ts";

/** What is selected: ids of nodes, keys of edges. */
export interface Selection {
  readonly nodes: ReadonlySet<string>;
  readonly edges: ReadonlySet<string>;
}

/** What screens see; a new object after every change. */
export interface EditorState {
  readonly document: WorkflowDocument;
  readonly selection: Selection;
  /** What undo and redo would do, in words. */
  readonly undoLabel: string | undefined;
  readonly redoLabel: string | undefined;
  /** Counts changes of the document, so that a save knows whether it is the newest. */
  readonly revision: number;
  /** Why the last command was refused; gone with the next one. */
  readonly refusal: string | undefined;
}

/** How a change is called and with what it is one step. */
export interface RunOptions {
  readonly label: string;
  readonly key?: string;
}

const NOTHING: Selection = { nodes: new Set(), edges: new Set() };

/** One open editor. */
export class EditorStore {
  #history: history.History<WorkflowDocument>;
  #selection: Selection = NOTHING;
  #refusal: string | undefined;
  #revision = 0;
  #state: EditorState;
  readonly #listeners = new Set<() => void>();
  readonly #now: () => number;

  /** `now` gives milliseconds; only differences count. */
  constructor(document: WorkflowDocument, now: () => number = () => performance.now()) {
    this.#history = history.begin(document);
    this.#now = now;
    this.#state = this.#view();
  }

  /** What screens see now. */
  readonly snapshot = (): EditorState => this.#state;

  /** Calls `listener` after every change; gives the way to stop. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** The document now. */
  get document(): WorkflowDocument {
    return this.#history.present;
  }

  /**
   * Carries out a command. What is refused changes nothing and is told by {@link EditorState.refusal}; whether it
   * was carried out is the answer.
   */
  run(
    options: RunOptions,
    command: (document: WorkflowDocument) => WorkflowDocument,
    select?: Iterable<string>,
  ): boolean {
    try {
      const next = command(this.document);
      const changed = next !== this.document;
      this.#history = history.change(this.#history, next, { ...options, at: this.#now() });
      if (changed) this.#revision += 1;
      this.#refusal = undefined;
      this.#selection = select
        ? { nodes: new Set(select), edges: new Set() }
        : this.#stillThere(this.#selection);
      this.#publish();
      return true;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.#refusal = error.message;
      this.#publish();
      return false;
    }
  }

  /** As {@link run}, for commands that make nodes: what they made is selected. Gives the ids. */
  add(
    options: RunOptions,
    command: (document: WorkflowDocument) => { document: WorkflowDocument; ids: Iterable<string> },
  ): readonly string[] {
    let made: readonly string[] = [];
    const done = this.run(options, (document) => {
      const result = command(document);
      made = [...result.ids];
      return result.document;
    });
    if (!done) return [];
    this.select(made);
    return made;
  }

  /** Selects exactly these. */
  select(nodes: Iterable<string>, edges: Iterable<string> = []): void {
    const next = { nodes: new Set(nodes), edges: new Set(edges) };
    if (same(next.nodes, this.#selection.nodes) && same(next.edges, this.#selection.edges)) return;
    this.#selection = next;
    this.#publish();
  }

  /** One step back. */
  undo(): void {
    this.#step(history.undo(this.#history));
  }

  /** One step forward again. */
  redo(): void {
    this.#step(history.redo(this.#history));
  }

  /** Takes the message of a refusal away. */
  dismissRefusal(): void {
    if (this.#refusal === undefined) return;
    this.#refusal = undefined;
    this.#publish();
  }

  /** Takes a text out of everything that undo could bring back: a secret that was pasted is not kept there either. */
  forget(text: string): void {
    if (text === "") return;
    this.#history = history.mapSteps(this.#history, (document) => withoutText(document, text));
    this.#publish();
  }

  #step(next: history.History<WorkflowDocument>): void {
    if (next === this.#history) return;
    this.#history = next;
    this.#revision += 1;
    this.#refusal = undefined;
    this.#selection = this.#stillThere(this.#selection);
    this.#publish();
  }

  #stillThere(selection: Selection): Selection {
    const nodes = new Set(this.document.nodes.map((node) => node.id));
    const edges = new Set(this.document.edges.map(edgeKey));
    return {
      nodes: new Set([...selection.nodes].filter((id) => nodes.has(id))),
      edges: new Set([...selection.edges].filter((key) => edges.has(key))),
    };
  }

  #view(): EditorState {
    return {
      document: this.#history.present,
      selection: this.#selection,
      undoLabel: this.#history.past.at(-1)?.label,
      redoLabel: this.#history.future[0]?.label,
      revision: this.#revision,
      refusal: this.#refusal,
    };
  }

  #publish(): void {
    this.#state = this.#view();
    for (const listener of this.#listeners) listener();
  }
}

/** A document without a text; the same one where it does not stand. */
function withoutText(document: WorkflowDocument, text: string): WorkflowDocument {
  // Compared as JSON writes it, so that line breaks and quotes do not hide it.
  const written = JSON.stringify(text).slice(1, -1);
  const nodes = document.nodes.map((node) => {
    const json = JSON.stringify(node);
    return json.includes(written) ? (JSON.parse(json.replaceAll(written, "")) as WorkflowNode) : node;
  });
  return nodes.every((node, place) => node === document.nodes[place]) ? document : { ...document, nodes };
}

function same(left: ReadonlySet<string>, right: ReadonlySet<string>): boolean {
  return left.size === right.size && [...left].every((entry) => right.has(entry));
}
