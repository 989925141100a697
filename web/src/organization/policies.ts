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
    | { kind: "number"; unit: string; most: number; none: string }
    | { kind: "list"; placeholder: string }
    | { kind: "services"; placeholder: string }
    | { kind: "place"; none: string }
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
        hint: "People without one can only set one up, from their next request. Their API keys are paused too.",
      },
      {
        name: "sessionHours",
        kind: "number",
        unit: "hours",
        most: 24,
        none: "24 hours",
        label: "Longest session",
        hint: "After this, people sign in again. It also applies to sessions that are open now.",
      },
    ],
  },
  {
    title: "People",
    policies: [
      {
        name: "inviteDomains",
        kind: "list",
        placeholder: "example.com",
        label: "Domains that can be invited",
        hint: "Only addresses of exactly these domains can be invited; empty allows all. Open invitations of other domains stop working.",
      },
      {
        name: "signUp",
        kind: "place",
        none: "Nowhere",
        label: "Where people sign themselves up",
        hint: "People with an address of one of the domains above can ask for an invitation on the sign-in page; it comes by mail. Without domains nobody can.",
      },
    ],
  },
  {
    title: "Credentials",
    policies: [
      {
        name: "personalCredentials",
        kind: "choice",
        choices: [
          { value: "everybody", label: "Everybody" },
          { value: "admins", label: "Admins" },
          { value: "nobody", label: "Nobody" },
        ],
        label: "Who adds Personal credentials",
        hint: "Existing ones keep working.",
      },
      {
        name: "maxCredentialAgeDays",
        kind: "number",
        unit: "days",
        most: 3650,
        none: "No limit",
        label: "Oldest secret",
        hint: "An older secret counts as expired until it is rotated or connected again.",
      },
    ],
  },
  {
    title: "Workflows",
    policies: [
      {
        name: "blockPastedSecrets",
        kind: "switch",
        label: "No secrets in the fields of nodes",
        hint: "A workflow whose fields hold what looks like a secret is not saved. Without this, the editor only warns.",
      },
      {
        name: "allowedEgressHosts",
        kind: "list",
        placeholder: "api.example.com",
        label: "Hosts that may be called",
        hint: "Workflows call no other host, with or without a credential; empty allows all. Hosts that the operator blocks stay blocked.",
      },
      {
        name: "allowedConnectors",
        kind: "services",
        placeholder: "Add a service",
        label: "Services that may be used",
        hint: "Only these can be used in new credentials and saved workflows; empty allows all. Existing ones keep working.",
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

/** What a role in a workspace is written as; nothing where no workspace is chosen. */
export interface Place {
  workspaceId: string;
  role: string;
}

/** A place with another workspace or role; the least that there is unless told. */
export const placeWith = (place: Place | null, change: Partial<Place>): Place | null => {
  const next = { workspaceId: "", role: "viewer", ...place, ...change };
  return next.workspaceId === "" ? null : next;
};

/** A list of hosts or domains as the API takes it: small letters, each once, in the order of typing. */
export const tidyList = (typed: string[]): string[] => [
  ...new Set(typed.map((entry) => entry.trim().toLowerCase()).filter((entry) => entry !== "")),
];
