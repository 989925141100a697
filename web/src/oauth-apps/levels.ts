/** Who shares an OAuth app. */
import type { OauthApp } from "../api/types.ts";

/** The words for a level: as a label, and as whose app it is. */
const LEVELS: Record<string, { readonly label: string; readonly whose: string }> = {
  workspace: { label: "This workspace", whose: "this workspace" },
  organization: { label: "Organization", whose: "your organization" },
  installation: { label: "Installation", whose: "this installation" },
};

export const levelLabel = (level: string): string => LEVELS[level]?.label ?? level;

/** As in "the app of your organization". */
export const whoseApp = (level: string): string => LEVELS[level]?.whose ?? level;

/**
 * The apps that a credential of this scope can use, the nearest first. What the whole organization uses must not hang
 * on one workspace.
 */
export const usableApps = (apps: readonly OauthApp[], service: string, scope: string): OauthApp[] =>
  apps.filter((app) => app.service === service && !(scope === "organization" && app.level === "workspace"));
