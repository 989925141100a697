/** The vault in words. */

const PROVIDERS: Record<string, [string, string]> = {
  file: ["Key file", "A file beside the server, outside of its data."],
  systemd: ["systemd credential", "Given to the service by systemd, encrypted at rest."],
  passphrase: ["Passphrase", "Typed by somebody when the server starts."],
  env: ["Environment variable", "Readable by whoever can look at the process. Better is a key file."],
  recovery: ["Recovery code", "On paper, for the day when everything else is lost."],
};

/** What people call the key that opens a slot, and where it is. */
export const providerWords = (name: string): [string, string] => PROVIDERS[name] ?? [name, ""];

const STATES: Record<string, string> = {
  pre: "Announced",
  active: "In use",
  decrypt: "Being emptied",
  disabled: "Switched off",
  destroyed: "Destroyed",
};

/** The state of a version of a key. */
export const versionState = (state: string): string => STATES[state] ?? state;

/** Whether a version still matters: a destroyed one is history. */
export const isAlive = (version: { state: string }): boolean => version.state !== "destroyed";

/** How far a rotation is: the part of the secrets that stand under the active version; none while nothing is moved. */
export function moved(versions: { state: string; secrets: number }[]): number | undefined {
  const sum = (states: string[]) =>
    versions.filter(({ state }) => states.includes(state)).reduce((total, { secrets }) => total + secrets, 0);
  const left = sum(["decrypt"]);
  if (left === 0) return undefined;
  const done = sum(["active"]);
  return done / (done + left);
}

/** A warning begins small and has no full stop, because the command line puts a word in front of it. */
export const asSentence = (text: string): string =>
  `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? "" : "."}`;

/** The parts of a text: what stands between backticks is a command. */
export const codeParts = (text: string): { text: string; isCode: boolean }[] =>
  text
    .split("`")
    .map((part, at) => ({ text: part, isCode: at % 2 === 1 }))
    .filter((part) => part.text !== "");
