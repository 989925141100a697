/** A value that screens can subscribe to. */

import { useSyncExternalStore } from "react";

/** What can be read and listened to. */
export interface Readable<T> {
  readonly snapshot: () => T;
  readonly subscribe: (listener: () => void) => () => void;
}

/** A value that tells its listeners when it is replaced. */
export class Live<T> implements Readable<T> {
  #value: T;
  readonly #listeners = new Set<() => void>();

  constructor(value: T) {
    this.#value = value;
  }

  readonly snapshot = (): T => this.#value;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  set(value: T): void {
    if (Object.is(value, this.#value)) return;
    this.#value = value;
    for (const listener of this.#listeners) listener();
  }
}

/**
 * What a selector makes of a value; the component renders again only when that changes. The selector has to give
 * the same object for the same value: pick, do not build.
 */
export function useLive<T, S>(source: Readable<T>, select: (value: T) => S): S {
  return useSyncExternalStore(source.subscribe, () => select(source.snapshot()));
}
