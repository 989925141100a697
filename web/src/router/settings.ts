/** The addresses of the settings. */
import { createRoute, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { searchOf } from "../audit/filter.ts";
import type { CredentialSearch } from "../credentials/CredentialFilters.tsx";
import type { OauthAppSearch } from "../oauth-apps/OauthAppsPage.tsx";
import type { RequestSearch } from "../scope-requests/RequestsPage.tsx";
import { inside, text } from "./base.tsx";

const settings = createRoute({
  getParentRoute: () => inside,
  path: "/settings",
  component: lazyRouteComponent(() => import("../settings/SettingsPage.tsx")),
});

const settingsHome = createRoute({
  getParentRoute: () => settings,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/settings/credentials", replace: true });
  },
});

const credentials = createRoute({
  getParentRoute: () => settings,
  path: "/credentials",
  validateSearch: (search: Record<string, unknown>): CredentialSearch => ({
    ...(search.tab === "keys" ? { tab: "keys" } : {}),
    ...(typeof search.scope === "string" ? { scope: search.scope } : {}),
    ...(typeof search.type === "string" ? { type: search.type } : {}),
    ...(typeof search.q === "string" ? { q: search.q } : {}),
    ...(search.view === "grid" ? { view: "grid" } : {}),
    ...(typeof search.add === "string" ? { add: search.add } : {}),
    ...(typeof search.credential === "string" ? { credential: search.credential } : {}),
    ...(search.show === "audit" || search.show === "usage" ? { show: search.show } : {}),
  }),
  component: lazyRouteComponent(() => import("../credentials/CredentialsPage.tsx")),
});

const members = createRoute({
  getParentRoute: () => settings,
  path: "/members",
  validateSearch: ({ invite }: Record<string, unknown>): { invite?: 1 } =>
    Number(invite) === 1 ? { invite: 1 } : {},
  component: lazyRouteComponent(() => import("../members/MembersPage.tsx")),
});

const variables = createRoute({
  getParentRoute: () => settings,
  path: "/variables",
  component: lazyRouteComponent(() => import("../settings/VariablesPage.tsx")),
});

const requests = createRoute({
  getParentRoute: () => settings,
  path: "/requests",
  validateSearch: ({ show, request }: Record<string, unknown>): RequestSearch => ({
    ...(show === "all" ? { show } : {}),
    ...(typeof request === "string" ? { request } : {}),
  }),
  component: lazyRouteComponent(() => import("../scope-requests/RequestsPage.tsx")),
});

const oauthApps = createRoute({
  getParentRoute: () => settings,
  path: "/oauth-apps",
  validateSearch: ({ add }: Record<string, unknown>): OauthAppSearch =>
    typeof add === "string" ? { add } : {},
  component: lazyRouteComponent(() => import("../oauth-apps/OauthAppsPage.tsx")),
});

const notifications = createRoute({
  getParentRoute: () => settings,
  path: "/notifications",
  component: lazyRouteComponent(() => import("../notifications/NotificationSettingsPage.tsx")),
});

const workspace = createRoute({
  getParentRoute: () => settings,
  path: "/workspace",
  component: lazyRouteComponent(() => import("../workspace/WorkspacePage.tsx")),
});

const organization = createRoute({
  getParentRoute: () => settings,
  path: "/organization",
  component: lazyRouteComponent(() => import("../organization/OrganizationPage.tsx")),
});

const security = createRoute({
  getParentRoute: () => settings,
  path: "/security",
  validateSearch: ({ error }: Record<string, unknown>): { error?: string } =>
    text(error) ? { error: text(error) as string } : {},
  component: lazyRouteComponent(() => import("../security/SecurityPage.tsx")),
});

const vault = createRoute({
  getParentRoute: () => settings,
  path: "/vault",
  component: lazyRouteComponent(() => import("../vault/VaultPage.tsx")),
});

const audit = createRoute({
  getParentRoute: () => settings,
  path: "/audit",
  validateSearch: searchOf,
  component: lazyRouteComponent(() => import("../audit/AuditPage.tsx")),
});

export const settingsRoutes = settings.addChildren([
  settingsHome,
  credentials,
  members,
  requests,
  oauthApps,
  notifications,
  variables,
  workspace,
  organization,
  security,
  vault,
  audit,
]);
