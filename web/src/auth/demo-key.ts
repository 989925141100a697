/**
 * `flero demo --keep` prints an address whose fragment holds a short-lived, read-only API key. A fragment is never
 * sent to a server; it is taken out of the address and the history before anything else happens.
 */
import { rememberKey } from "../api/client.ts";

/** Moves a key from the address into memory. */
export function takeKeyFromAddress(): void {
  const fragment = new URLSearchParams(window.location.hash.slice(1));
  const key = fragment.get("key");
  if (key === null) return;
  window.history.replaceState(null, "", window.location.pathname + window.location.search);
  rememberKey(key);
}
