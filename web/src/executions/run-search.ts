/** What the address says of the page of a run: which view, and which node of it. */

export interface RunSearch {
  tab?: "overview" | "output" | "raw" | undefined;
  /** A node, with its place in the loops around it. */
  node?: string | undefined;
}

/** The address's part out of any query. The overview is what is shown anyway. */
export const runSearchOf = ({ tab, node }: Record<string, unknown>): RunSearch => ({
  ...(tab === "output" || tab === "raw" ? { tab } : {}),
  ...(typeof node === "string" && node !== "" ? { node } : {}),
});
