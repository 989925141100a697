/** The time as a screen shows it: it goes on while something is under way, and stands still otherwise. */
import { useEffect, useState, useSyncExternalStore } from "react";

/** Milliseconds between two looks at the clock: often enough to see that something goes on. */
const STEP_MS = 500;

export function useNow(isGoing: boolean): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!isGoing) return;
    const timer = setInterval(() => setNow(Date.now()), STEP_MS);
    return () => clearInterval(timer);
  }, [isGoing]);
  return now;
}

/** Milliseconds between two strikes of the clock of all lists. */
const STRIKE_MS = 10_000;

const listeners = new Set<() => void>();
let struck = 0;
let timer: ReturnType<typeof setInterval> | undefined;

function listen(listener: () => void): () => void {
  timer ??= setInterval(() => {
    struck += 1;
    for (const each of listeners) each();
  }, STRIKE_MS);
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** Renders anew from time to time what says how long ago something was. Lists hold hundreds, which share one clock. */
export function useClock(): void {
  useSyncExternalStore(listen, () => struck);
}
