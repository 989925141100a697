/** What became of a sign-in at a provider, and the ways a client proves itself, in words. */

const REFUSALS: Record<string, string> = {
  openid_unknown:
    "That sign-in was not begun in this browser, or it took longer than ten minutes. Begin again.",
  openid_cancelled: "The sign-in was cancelled. Begin again, or sign in another way.",
  openid_failed:
    "The provider's answer could not be used. Try again; an admin finds the reason in the audit log.",
  openid_not_allowed:
    "No account here belongs to that identity. Sign in with your password and link it under Settings, Security, or ask for an invitation.",
  openid_taken: "That identity belongs to another account.",
};

/** The words for what stands in the address after a sign-in that failed. */
export const refusalWords = (code: string | undefined): string | undefined =>
  code === undefined ? undefined : (REFUSALS[code] ?? "The sign-in did not work. Begin again.");

/** The proof by a private key instead of a secret. */
export const KEY_METHOD = "private_key_jwt";

/** How a client proves itself at the provider. */
export const CLIENT_METHODS = [
  { value: "client_secret_basic", label: "Secret in the header (usual)" },
  { value: "client_secret_post", label: "Secret in the form" },
  { value: KEY_METHOD, label: "Signed with a private key" },
  { value: "none", label: "Not at all (public client)" },
];

/** The factors that a sign-in waits for, as the address names them. */
export const factorsOf = (text: string | undefined): string[] | undefined => {
  const names = text?.split(",").filter(Boolean) ?? [];
  return names.length > 0 ? names : undefined;
};
