/** What the address says of an open workflow: which node is selected, and which run its colours are of. */

export interface EditorSearch {
  node?: string | undefined;
  run?: string | undefined;
}

/** The address's part out of any query. */
export const editorSearchOf = ({ node, run }: Record<string, unknown>): EditorSearch => ({
  ...(typeof node === "string" && node !== "" ? { node } : {}),
  ...(typeof run === "string" && run.startsWith("exec_") ? { run } : {}),
});
