/**
 * The nonce that the page's policy wants on style elements. The server makes a new one for every answer; libraries
 * that add style elements while the page runs are told it here.
 */
import { setNonce } from "get-nonce";

/** The nonce of this page; empty under the development server, which sets no policy. */
export const pageNonce = (): string =>
  document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? "";

/** Tells the nonce to the library that locks scrolling below dialogs. */
export function spreadNonce(): void {
  const nonce = pageNonce();
  if (nonce) setNonce(nonce);
}
