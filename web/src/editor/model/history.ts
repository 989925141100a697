/**
 * Undo and redo. Changes with the same key that follow each other quickly are one step, so that typing a word or
 * dragging a node is undone at once.
 */

/** How long a change may follow the one before it to be the same step, in milliseconds. */
export const COALESCE_MS = 1_000;
/** The most steps that are remembered. Values share what did not change, so a step is small. */
export const MOST_STEPS = 200;

interface Step<T> {
  readonly value: T;
  /** What people read in the menu: "Move 2 nodes". */
  readonly label: string;
}

/** A value with its past and its future. Immutable. */
export interface History<T> {
  readonly present: T;
  readonly past: readonly Step<T>[];
  readonly future: readonly Step<T>[];
  /** What the last change was, and when; undefined after undo or redo. */
  readonly last?: { readonly key: string; readonly at: number };
}

/** A history that begins here. */
export function begin<T>(present: T): History<T> {
  return { present, past: [], future: [] };
}

/** What a change is called, with what it can be taken together, and when it was made. */
export interface Change {
  readonly label: string;
  /** Changes with the same key can be one step; without a key it stands alone. */
  readonly key?: string;
  /** Milliseconds; only differences count. */
  readonly at: number;
}

/** The history after a change. A value that is the same object is no change. */
export function change<T>(history: History<T>, next: T, what: Change): History<T> {
  if (next === history.present) return history;
  const together =
    what.key !== undefined &&
    history.last?.key === what.key &&
    what.at - history.last.at <= COALESCE_MS &&
    history.past.length > 0;
  const past = together
    ? history.past
    : [...history.past, { value: history.present, label: what.label }].slice(-MOST_STEPS);
  return {
    present: next,
    past,
    future: [],
    ...(what.key === undefined ? {} : { last: { key: what.key, at: what.at } }),
  };
}

/** The history with what undo and redo would bring back made anew; the present stays. */
export function mapSteps<T>(history: History<T>, change: (value: T) => T): History<T> {
  const made = (step: Step<T>) => ({ ...step, value: change(step.value) });
  return { ...history, past: history.past.map(made), future: history.future.map(made) };
}

/** One step back; the same history when there is none. */
export function undo<T>(history: History<T>): History<T> {
  const step = history.past.at(-1);
  if (!step) return history;
  return {
    present: step.value,
    past: history.past.slice(0, -1),
    future: [{ value: history.present, label: step.label }, ...history.future],
  };
}

/** One step forward again; the same history when there is none. */
export function redo<T>(history: History<T>): History<T> {
  const [step, ...future] = history.future;
  if (!step) return history;
  return {
    present: step.value,
    past: [...history.past, { value: history.present, label: step.label }],
    future,
  };
}
