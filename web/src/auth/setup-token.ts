/**
 * The server prints a set-up link while nobody owns it. Its token stands in the fragment, which is never sent to a
 * server; it is taken out of the address and the history at once, and lives in this variable alone.
 */
let token: string | undefined;

/** Moves the token from the address into memory. */
export function takeSetupToken(): void {
  const found = new URLSearchParams(window.location.hash.slice(1)).get("setup");
  if (found === null) return;
  token = found;
  window.history.replaceState(null, "", window.location.pathname + window.location.search);
}

/** The token, if the page was opened with a set-up link. */
export const setupToken = (): string | undefined => token;
