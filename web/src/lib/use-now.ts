/** The time as a screen shows it: it goes on while something is under way, and stands still otherwise. */
import { useEffect, useState } from "react";

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
