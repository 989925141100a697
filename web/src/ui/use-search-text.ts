import { useEffect, useState } from "react";

/** Long enough that the address is not written with every letter. */
export const TYPING_MS = 250;

/** The text of a search whose settled value is part of the address. */
export function useSearchText(settled: string | undefined, change: (next: string | undefined) => void) {
  const [text, setText] = useState(settled ?? "");
  useEffect(() => {
    if (text === (settled ?? "")) return;
    const { pathname } = window.location;
    // Whoever has followed a link since is not called back from the screen that is being loaded.
    const timer = setTimeout(
      () => pathname === window.location.pathname && change(text || undefined),
      TYPING_MS,
    );
    return () => clearTimeout(timer);
  }, [text, settled, change]);
  useEffect(() => {
    if (settled === undefined) setText("");
  }, [settled]);
  return [text, setText] as const;
}
