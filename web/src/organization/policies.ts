/**
 * The policies in words. A policy is shown when the server's answer has it and a line here says how; what the server
 * has beyond these lines goes back to it as it came.
 */

interface Words {
  label: string;
  hint: string;
}

/** How a policy is set. A number or a list that is empty restricts nothing. */
export type Policy = Words & { name: string } & (
    | { kind: "switch" }
    | { kind: "number"; unit: string; most: number }
    | { kind: "list"; placeholder: string }
    | { kind: "choice"; choices: { value: string; label: string }[] }
  );

/** The groups of the screen, in their order. */
export const POLICIES: { title: string; policies: Policy[] }[] = [
  {
    title: "Signing in",
    policies: [
      {
        name: "requireMfa",
        kind: "switch",
        label: "Everybody needs a second factor",
        hint: "Whoever has none can only set one up, from the next request on; their API keys wait too.",
      },
    ],
  },
  {
    title: "Credentials",
    policies: [
      {
        name: "maxCredentialAgeDays",
        kind: "number",
        unit: "days",
        most: 3650,
        label: "Oldest secret",
        hint: "An older one is expired until it is rotated or connected again.",
      },
    ],
  },
];

/** The groups with those policies alone that the server knows. */
export const shownPolicies = (policies: Record<string, unknown>, groups = POLICIES) =>
  groups
    .map((group) => ({ ...group, policies: group.policies.filter(({ name }) => name in policies) }))
    .filter((group) => group.policies.length > 0);

/** The names of the policies in which two documents differ. */
export const changedPolicies = (before: Record<string, unknown>, after: Record<string, unknown>): string[] =>
  Object.keys(after).filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));

/** A number field's content as the API takes it: nothing typed is no limit. */
export const numberOrNone = (typed: string | number): number | null => (typed === "" ? null : Number(typed));
