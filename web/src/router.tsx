/**
 * The addresses of the interface. Every screen is loaded when it is first opened, or when the pointer rests on a
 * link to it. The first segments stand in `sections.json` too, which the server reads.
 */
import type { QueryClient } from "@tanstack/react-query";
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from "@tanstack/react-router";
import { ApiError } from "./api/problem.ts";
import { searchOf } from "./audit/filter.ts";
import { meQuery } from "./auth/me.ts";
import type { CatalogSearch } from "./catalog/CatalogPage.tsx";
import type { ServiceSearch } from "./catalog/ServicePage.tsx";
import type { CredentialSearch } from "./credentials/CredentialFilters.tsx";
import type { PackageFilter } from "./marketplace/model.ts";
import { NotFound, RouteError } from "./ui/RouteError.tsx";
import { ScreenLoader } from "./ui/ScreenLoader.tsx";

interface Context {
  queryClient: QueryClient;
}

const root = createRootRouteWithContext<Context>()({
  component: Outlet,
  notFoundComponent: () => (
    <main>
      <NotFound />
    </main>
  ),
  errorComponent: (props) => (
    <main>
      <RouteError {...props} />
    </main>
  ),
});

const login = createRoute({
  getParentRoute: () => root,
  path: "/login",
  validateSearch: (search: Record<string, unknown>): { next?: string } =>
    typeof search.next === "string" ? { next: search.next } : {},
  component: lazyRouteComponent(() => import("./auth/LoginPage.tsx")),
});

const register = createRoute({
  getParentRoute: () => root,
  path: "/register",
  component: lazyRouteComponent(() => import("./auth/RegisterPage.tsx")),
});

const invite = createRoute({
  getParentRoute: () => root,
  path: "/invite/$token",
  component: lazyRouteComponent(() => import("./auth/RegisterPage.tsx")),
});

/** Everything that needs somebody who is signed in. */
const inside = createRoute({
  getParentRoute: () => root,
  id: "inside",
  beforeLoad: async ({ context, location }) => {
    try {
      const me = await context.queryClient.ensureQueryData(meQuery);
      if (me.mfaEnrolmentRequired && location.pathname !== "/settings/security") {
        throw redirect({ to: "/settings/security", replace: true });
      }
      return { me };
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) {
        throw redirect({ to: "/login", search: { next: location.href } });
      }
      throw error;
    }
  },
  component: lazyRouteComponent(() => import("./shell/Shell.tsx")),
});

const home = createRoute({
  getParentRoute: () => inside,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/workflows", replace: true });
  },
});

const workflows = createRoute({
  getParentRoute: () => inside,
  path: "/workflows",
  component: lazyRouteComponent(() => import("./workflows/WorkflowListPage.tsx")),
});

const workflow = createRoute({
  getParentRoute: () => inside,
  path: "/workflows/$workflowId",
  component: lazyRouteComponent(() => import("./editor/EditorPage.tsx")),
});

const executions = createRoute({
  getParentRoute: () => inside,
  path: "/logs",
  component: lazyRouteComponent(() => import("./executions/ExecutionListPage.tsx")),
});

const execution = createRoute({
  getParentRoute: () => inside,
  path: "/logs/$executionId",
  component: lazyRouteComponent(() => import("./executions/ExecutionPage.tsx")),
});

const settings = createRoute({
  getParentRoute: () => inside,
  path: "/settings",
  component: lazyRouteComponent(() => import("./settings/SettingsPage.tsx")),
});

const settingsHome = createRoute({
  getParentRoute: () => settings,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/settings/credentials", replace: true });
  },
});

const variables = createRoute({
  getParentRoute: () => settings,
  path: "/variables",
  component: lazyRouteComponent(() => import("./settings/VariablesPage.tsx")),
});

const security = createRoute({
  getParentRoute: () => settings,
  path: "/security",
  component: lazyRouteComponent(() => import("./security/SecurityPage.tsx")),
});

const workspace = createRoute({
  getParentRoute: () => settings,
  path: "/workspace",
  component: lazyRouteComponent(() => import("./workspace/WorkspacePage.tsx")),
});

const organization = createRoute({
  getParentRoute: () => settings,
  path: "/organization",
  component: lazyRouteComponent(() => import("./organization/OrganizationPage.tsx")),
});

const vault = createRoute({
  getParentRoute: () => settings,
  path: "/vault",
  component: lazyRouteComponent(() => import("./vault/VaultPage.tsx")),
});

const audit = createRoute({
  getParentRoute: () => settings,
  path: "/audit",
  validateSearch: searchOf,
  component: lazyRouteComponent(() => import("./audit/AuditPage.tsx")),
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
  component: lazyRouteComponent(() => import("./credentials/CredentialsPage.tsx")),
});

const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

const catalog = createRoute({
  getParentRoute: () => inside,
  path: "/catalog",
  validateSearch: ({ q, category, tier }: Record<string, unknown>): CatalogSearch => ({
    ...(text(q) ? { q: text(q) as string } : {}),
    ...(text(category) ? { category: text(category) as string } : {}),
    ...(text(tier) ? { tier: text(tier) as string } : {}),
  }),
  component: lazyRouteComponent(() => import("./catalog/CatalogPage.tsx")),
});

const service = createRoute({
  getParentRoute: () => inside,
  path: "/catalog/$service",
  validateSearch: ({ tab }: Record<string, unknown>): ServiceSearch =>
    tab === "operations" || tab === "events" || tab === "permissions" ? { tab } : {},
  component: lazyRouteComponent(() => import("./catalog/ServicePage.tsx")),
});

const marketplace = createRoute({
  getParentRoute: () => inside,
  path: "/marketplace",
  validateSearch: ({ q, category, registry, show }: Record<string, unknown>): PackageFilter => ({
    ...(text(q) ? { q: text(q) as string } : {}),
    ...(text(category) ? { category: text(category) as string } : {}),
    ...(text(registry) ? { registry: text(registry) as string } : {}),
    ...(show === "installed" || show === "upgrades" ? { show } : {}),
  }),
  component: lazyRouteComponent(() => import("./marketplace/MarketplacePage.tsx")),
});

const registries = createRoute({
  getParentRoute: () => inside,
  path: "/marketplace/registries",
  component: lazyRouteComponent(() => import("./marketplace/registries/RegistriesPage.tsx")),
});

const marketplacePackage = createRoute({
  getParentRoute: () => inside,
  path: "/marketplace/$registry/$packageId",
  component: lazyRouteComponent(() => import("./marketplace/PackagePage.tsx")),
});

const members = createRoute({
  getParentRoute: () => settings,
  path: "/members",
  validateSearch: ({ invite }: Record<string, unknown>): { invite?: 1 } =>
    Number(invite) === 1 ? { invite: 1 } : {},
  component: lazyRouteComponent(() => import("./members/MembersPage.tsx")),
});

const docs = createRoute({
  getParentRoute: () => inside,
  path: "/docs",
  component: lazyRouteComponent(() => import("./docs/DocsPage.tsx")),
});

const docsPage = createRoute({
  getParentRoute: () => inside,
  path: "/docs/$page",
  component: lazyRouteComponent(() => import("./docs/DocsPage.tsx")),
});

/** Other names of screens. */
const aliases = (
  [
    ["/credentials", "/settings/credentials"],
    ["/settings/integrations", "/settings/credentials"],
    ["/members", "/settings/members"],
  ] as const
).map(([path, to]) =>
  createRoute({
    getParentRoute: () => inside,
    path,
    beforeLoad: () => {
      throw redirect({ to, replace: true });
    },
  }),
);

const tree = root.addChildren([
  login,
  register,
  invite,
  inside.addChildren([
    home,
    workflows,
    workflow,
    executions,
    execution,
    settings.addChildren([
      settingsHome,
      credentials,
      members,
      variables,
      workspace,
      organization,
      security,
      vault,
      audit,
    ]),
    catalog,
    service,
    marketplace,
    registries,
    marketplacePackage,
    docs,
    docsPage,
    ...aliases,
  ]),
]);

export const makeRouter = (queryClient: QueryClient) =>
  createRouter({
    routeTree: tree,
    context: { queryClient },
    defaultPreload: "intent",
    defaultPreloadStaleTime: 0,
    defaultPendingComponent: ScreenLoader,
    defaultPendingMs: 150,
    defaultErrorComponent: RouteError,
    defaultNotFoundComponent: NotFound,
    scrollRestoration: true,
  });

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
