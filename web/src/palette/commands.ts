/** What the palette offers before anything is found: every screen, and what can be done from anywhere. */
import { SETTINGS } from "../settings/sections.ts";

export interface Command {
  id: string;
  label: string;
  hint?: string;
  to: string;
  keywords: string;
}

/** Every screen that the reader may open. */
export function screens(permissions: readonly string[]): Command[] {
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
      id: "add-credential",
      label: "Add credential",
      hint: "Settings",
      to: "/settings/credentials?add=",
      keywords: "new connect service",
    },
    ...settings.map(({ to, label }) => ({ id: to, label, hint: "Settings", to, keywords: `settings ${to}` })),
    {
      id: "keys",
      label: "API keys",
      hint: "Settings",
      to: "/settings/credentials?tab=keys",
      keywords: "tokens access",
    },
  ];
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
