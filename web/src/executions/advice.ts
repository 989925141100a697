/**
 * What to do about a step that failed: what its code means, in the words of the guide, and where a service refused
 * with a status, what that status asks for.
 */
import type { Json } from "../editor/model/document.ts";
import { isObject } from "../editor/model/document.ts";
import type { ErrorInfo, NodeRun } from "../editor/session/run.ts";

/** What can be opened to mend it. */
export type Remedy = "credential" | "reconnect" | "node";

/** A sentence that says what to do, and what to open for it, first what helps most. */
export interface Advice {
  readonly text: string;
  readonly remedies: readonly Remedy[];
}

/** The codes of the guide with their sentences: the rows of its tables, without the marks of Markdown. */
export function sentencesOf(page: string): ReadonlyMap<string, string> {
  const rows = page.matchAll(/^\| `([\w.]+)` \| (.+) \|$/gm);
  return new Map([...rows].map(([, code = "", text = ""]) => [code, text.replaceAll("`", "")]));
}

/** What a status of a service asks for; the first that fits counts. */
const STATUSES: readonly (readonly [fits: (status: number) => boolean, text: string])[] = [
  [
    (status) => status === 403,
    "The service knows the account and does not allow this. Give the account the permission at the service, or use a credential that has it.",
  ],
  [
    (status) => status === 404,
    "There is nothing at this address, or the account may not see it. Check the address and the IDs in it.",
  ],
  [
    (status) => status === 429,
    "The service was asked too often. Give the node retries with a longer wait (in its Settings), or ask for less at once.",
  ],
  [
    (status) => status >= 500,
    "The service itself failed. Try again later, or give the node retries (in its Settings).",
  ],
  [
    (status) => status >= 400,
    "The service did not accept the request. Its answer, in the output below, says why: compare it with the fields of the node.",
  ],
];

const REFUSED =
  "The service did not accept the credential. Test it: if it is refused there too, give it a new secret or connect it again.";
const NOBODY = "The service wants to know who asks. Choose a credential in the node.";

function statusOf(output: Json): number | undefined {
  return isObject(output) && typeof output.statusCode === "number" ? output.statusCode : undefined;
}

/** What to do about a failed step; undefined where nothing more is known than its message. */
export function adviceFor(
  { error, output, credentialId }: Pick<NodeRun, "output" | "credentialId"> & { error: ErrorInfo },
  sentences: ReadonlyMap<string, string>,
): Advice | undefined {
  const status = error.code === "http.status" ? statusOf(output) : undefined;
  if (status === 401)
    return credentialId
      ? { text: REFUSED, remedies: ["credential", "node"] }
      : { text: NOBODY, remedies: ["node"] };
  if (status !== undefined) {
    const text = STATUSES.find(([fits]) => fits(status))?.[1];
    const remedies: Remedy[] = status === 403 && credentialId ? ["credential", "node"] : ["node"];
    return text ? { text, remedies } : undefined;
  }
  const text = sentences.get(error.code);
  if (!text) return undefined;
  if (error.code === "credential.reconnect_required" || error.code === "credential.not_connected")
    return { text, remedies: credentialId ? ["reconnect", "node"] : ["node"] };
  const isOfCredential =
    error.code.startsWith("credential.") && credentialId !== null && credentialId !== undefined;
  return { text, remedies: isOfCredential ? ["credential", "node"] : ["node"] };
}
