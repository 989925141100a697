/** When a wider scope has to be asked for, and who is asked. */

const ORDER = ["personal", "workspace", "organization"];

/** The longest note or reason, in characters. */
export const MOST_WORDS = 500;

/** Whether a scope lets more people use a credential than another one. */
export const isWider = (from: string, to: string): boolean => ORDER.indexOf(to) > ORDER.indexOf(from);

/** The permission that changes a scope at once, for whoever has it. */
const widening: Record<string, string> = {
  workspace: "credentials.widenWorkspace",
  organization: "credentials.widenOrganization",
};

/** Whether somebody with these permissions has to ask for a scope, rather than change it. */
export const mustAsk = (permissions: string[], from: string, to: string): boolean =>
  isWider(from, to) &&
  permissions.includes("credentials.askScope") &&
  !permissions.includes(widening[to] ?? "");

/** Who decides on a request. */
export const whoDecides = (to: string): string =>
  to === "organization" ? "An admin of the organization" : "An admin of the workspace";
