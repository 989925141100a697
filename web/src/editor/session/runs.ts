/**
 * The runs that an open editor shows: the one that is followed now, and the data that expressions can be tried with.
 */

import type { Json, WorkflowDocument } from "../model/document.ts";
import { loadRun, watchRun } from "./api.ts";
import { Live } from "./live.ts";
import { keepPins, readPins } from "./pins.ts";
import { follow, isFinal, type NodeRun, type NodeSummary, type Run, summarize } from "./run.ts";

/** What a node is known to have taken and given. */
export interface NodeData {
  readonly input: Json;
  readonly output: Json;
  readonly port: string;
  /** Whether a person wrote it; it stands in for the node in tests. */
  readonly pinned: boolean;
}

/** What is shown of runs; a new object after every change. */
export interface RunsState {
  readonly run: Run | undefined;
  readonly summary: ReadonlyMap<string, NodeSummary>;
  /** By the node's id: pinned data before the data of the last run that reached it. */
  readonly data: ReadonlyMap<string, NodeData>;
  readonly trigger: Json;
  /** Whether the run goes on. */
  readonly going: boolean;
}

const NOTHING: RunsState = { run: undefined, summary: new Map(), data: new Map(), trigger: {}, going: false };

/** The runs of one open editor. */
export class Runs {
  readonly state: Live<RunsState>;
  readonly #workflow: string;
  readonly #document: () => WorkflowDocument;
  #pins: Map<string, NodeData>;
  #known = new Map<string, NodeData>();
  #stop: AbortController | undefined;

  constructor(workflow: string, document: () => WorkflowDocument) {
    this.#workflow = workflow;
    this.#document = document;
    this.#pins = new Map(
      [...readPins(workflow)].map(([id, pin]) => [id, { ...pin, input: null, pinned: true }]),
    );
    this.state = new Live({ ...NOTHING, data: this.#data() });
  }

  /** Shows a run and follows it to its end. */
  async show(id: string): Promise<void> {
    this.#stop?.abort();
    const stop = new AbortController();
    this.#stop = stop;
    try {
      // Listening begins before reading, so that nothing falls between the two.
      const events = watchRun(id, stop.signal);
      const first = events.next();
      let run = await loadRun(id, stop.signal);
      this.#publish(run);
      if (!isFinal(run.status)) {
        const nameOf = (nodeId: string) =>
          this.#document().nodes.find((node) => node.id === nodeId)?.name ?? nodeId;
        for (let next = await first; !next.done; next = await events.next()) {
          run = follow(run, next.value, nameOf);
          this.#publish(run);
        }
        this.#publish(await this.#end(id, stop.signal));
      } else {
        await events.return(undefined);
        await first.catch(() => undefined);
      }
    } catch (error) {
      if (!stop.signal.aborted) throw error;
    }
  }

  /** The run once the stream is over; a run that another process carries out is asked for now and then. */
  async #end(id: string, signal: AbortSignal): Promise<Run> {
    for (;;) {
      const run = await loadRun(id, signal);
      if (isFinal(run.status) || signal.aborted) return run;
      this.#publish(run);
      await new Promise((resolve) => setTimeout(resolve, 1_000));
    }
  }

  /** Takes the colours of the run away; its data stay. */
  clear(): void {
    this.#stop?.abort();
    this.state.set({ ...NOTHING, data: this.state.snapshot().data, trigger: this.state.snapshot().trigger });
  }

  /** Writes the output that a node is taken to have in tests, or takes it back. */
  pin(nodeId: string, output: Json | undefined, port = "output"): void {
    if (output === undefined) this.#pins.delete(nodeId);
    else
      this.#pins.set(nodeId, { input: this.#known.get(nodeId)?.input ?? null, output, port, pinned: true });
    keepPins(this.#workflow, this.#pins);
    this.state.set({ ...this.state.snapshot(), data: this.#data() });
  }

  dispose(): void {
    this.#stop?.abort();
  }

  #publish(run: Run): void {
    for (const node of run.nodes) if (hasData(node)) this.#known.set(node.nodeId, dataOf(node));
    const trigger =
      isFinal(run.status) || this.state.snapshot().run?.id === run.id
        ? run.input
        : this.state.snapshot().trigger;
    this.state.set({
      run,
      summary: summarize(run),
      data: this.#data(),
      trigger,
      going: !isFinal(run.status),
    });
  }

  #data(): ReadonlyMap<string, NodeData> {
    return new Map([...this.#known, ...this.#pins]);
  }
}

function hasData(node: NodeRun): boolean {
  return (
    (node.status === "success" || node.status === "failed") && !(node.output === null && node.input === null)
  );
}

function dataOf(node: NodeRun): NodeData {
  return { input: node.input, output: node.output, port: node.port ?? "output", pinned: false };
}
