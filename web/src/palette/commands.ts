/** What the palette offers before anything is found: every screen, and what can be done from anywhere. */
import type { Me } from "../api/types.ts";
import { SETTINGS } from "../settings/sections.ts";

/** What an entry does besides leading somewhere. */
export type Deed =
  | { kind: "newWorkflow" }
  | { kind: "scheme"; scheme: "light" | "dark" | "auto" }
  | { kind: "workspace"; id: string }
  | { kind: "shortcuts" }
  | { kind: "signOut" };

export interface Command {
  id: string;
  label: string;
  hint?: string;
  /** Where it leads, or what it does. */
  to?: string;
  deed?: Deed;
  keywords: string;
}

type Reader = Pick<Me, "permissions"> & Partial<Pick<Me, "workspaces" | "workspaceId">>;

/** Every screen that the reader may open. */
export function screens({ permissions }: Reader): Command[] {
  const settings = SETTINGS.filter(({ needs }) => needs === undefined || permissions.includes(needs));
  return [
    { id: "workflows", label: "Workflows", to: "/workflows", keywords: "flows automations home" },
    { id: "executions", label: "Executions", to: "/logs", keywords: "runs logs history" },
    {
      id: "catalog",
      label: "Catalog",
      to: "/catalog",
      keywords: "services connectors integrations operations",
    },
    {
      id: "marketplace",
      label: "Marketplace",
      to: "/marketplace",
      keywords: "install upgrade packages connectors community registry",
    },
    {
      id: "registries",
      label: "Registries",
      hint: "Marketplace",
      to: "/marketplace/registries",
      keywords: "marketplace sources publisher trust",
    },
    ...settings.map(({ to, label }) => ({ id: to, label, hint: "Settings", to, keywords: `settings ${to}` })),
    {
      id: "keys",
      label: "API keys",
      hint: "Settings",
      to: "/settings/credentials?tab=keys",
      keywords: "tokens access",
    },
    { id: "guide", label: "Guide", to: "/docs", keywords: "docs help documentation manual" },
  ];
}

/** What the reader can do from anywhere. */
export function actions({ permissions, workspaces = [], workspaceId }: Reader): Command[] {
  const can = (permission: string) => permissions.includes(permission);
  const all: (Command | false)[] = [
    can("workflows.create") && {
      id: "new-workflow",
      label: "New workflow",
      deed: { kind: "newWorkflow" },
      keywords: "create add make flow automation",
    },
    can("credentials.createPersonal") && {
      id: "add-credential",
      label: "Add credential",
      to: "/settings/credentials?add=",
      keywords: "new create connect service secret",
    },
    can("apiKeys.own") && {
      id: "new-key",
      label: "Generate new API key",
      to: "/settings/credentials?tab=keys&add=key",
      keywords: "create token access",
    },
    can("members.invite") && {
      id: "invite",
      label: "Invite people",
      to: "/settings/members?invite=1",
      keywords: "add member colleague team",
    },
    ...workspaces
      .filter(({ id }) => id !== workspaceId)
      .map(
        ({ id, name }): Command => ({
          id,
          label: `Switch to ${name}`,
          hint: "Workspace",
          deed: { kind: "workspace", id },
          keywords: "workspace change go",
        }),
      ),
    {
      id: "light",
      label: "Use light colours",
      deed: { kind: "scheme", scheme: "light" },
      keywords: "theme scheme mode bright",
    },
    {
      id: "dark",
      label: "Use dark colours",
      deed: { kind: "scheme", scheme: "dark" },
      keywords: "theme scheme mode night",
    },
    {
      id: "auto",
      label: "Use the system's colours",
      deed: { kind: "scheme", scheme: "auto" },
      keywords: "theme scheme mode automatic",
    },
    {
      id: "shortcuts",
      label: "Keyboard shortcuts",
      deed: { kind: "shortcuts" },
      keywords: "keys help sheet",
    },
    {
      id: "sign-out",
      label: "Sign out",
      deed: { kind: "signOut" },
      keywords: "log out logout leave end session",
    },
  ];
  return all.filter((command) => command !== false);
}

/** Whether every word of the query begins a word of the command. */
export function fits(query: string, ...texts: (string | undefined)[]): boolean {
  const words = texts
    .join(" ")
    .toLowerCase()
    .split(/[\s/._-]+/);
  const asked = query.toLowerCase().split(/\s+/).filter(Boolean);
  return asked.every((part) => words.some((word) => word.startsWith(part)));
}

/** The commands that fit a query. Those whose own words fit come before those that other words lead to. */
export function fitting(query: string, commands: Command[]): Command[] {
  const found = commands.filter(({ label, hint, keywords }) => fits(query, label, hint, keywords));
  const [named, other] = [true, false].map((isNamed) =>
    found.filter(({ label }) => fits(query, label) === isNamed),
  );
  return [...(named ?? []), ...(other ?? [])];
}
