/**
 * The addresses of the interface. Every screen is loaded when it is first opened, or when the pointer rests on a
 * link to it. The first segments stand in `sections.json` too, which the server reads.
 */
import type { QueryClient } from "@tanstack/react-query";
import { createRoute, createRouter, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { editorSearchOf } from "./editor/search.ts";
import { searchOf as executionSearchOf } from "./executions/filter.ts";
import { runSearchOf } from "./executions/run-search.ts";
import { inside, root, text } from "./router/base.tsx";
import { catalogRoutes } from "./router/catalog.ts";
import { settingsRoutes } from "./router/settings.ts";
import { NotFound, RouteError } from "./ui/RouteError.tsx";
import { ScreenLoader } from "./ui/ScreenLoader.tsx";
import { searchOf as workflowSearchOf } from "./workflows/filter.ts";

/** Where to go after signing in, and what came of a sign-in at a provider. */
interface LoginSearch {
  next?: string;
  factors?: string;
  error?: string;
}

const login = createRoute({
  getParentRoute: () => root,
  path: "/login",
  validateSearch: ({ next, factors, error }: Record<string, unknown>): LoginSearch => ({
    ...(text(next) ? { next: text(next) as string } : {}),
    ...(text(factors) ? { factors: text(factors) as string } : {}),
    ...(text(error) ? { error: text(error) as string } : {}),
  }),
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
  component: lazyRouteComponent(() => import("./auth/InvitePage.tsx")),
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
  validateSearch: workflowSearchOf,
  component: lazyRouteComponent(() => import("./workflows/WorkflowListPage.tsx")),
});

const workflow = createRoute({
  getParentRoute: () => inside,
  path: "/workflows/$workflowId",
  validateSearch: editorSearchOf,
  component: lazyRouteComponent(() => import("./editor/EditorPage.tsx")),
});

const executions = createRoute({
  getParentRoute: () => inside,
  path: "/logs",
  validateSearch: executionSearchOf,
  component: lazyRouteComponent(() => import("./executions/ExecutionListPage.tsx")),
});

const execution = createRoute({
  getParentRoute: () => inside,
  path: "/logs/$executionId",
  validateSearch: runSearchOf,
  component: lazyRouteComponent(() => import("./executions/ExecutionPage.tsx")),
});

/** What is looked for in the guide. */
const docsSearchOf = ({ q }: Record<string, unknown>): { q?: string } =>
  text(q) ? { q: text(q) as string } : {};

const docs = createRoute({
  getParentRoute: () => inside,
  path: "/docs",
  validateSearch: docsSearchOf,
  component: lazyRouteComponent(() => import("./docs/DocsPage.tsx")),
});

const docsPage = createRoute({
  getParentRoute: () => inside,
  path: "/docs/$page",
  validateSearch: docsSearchOf,
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
    settingsRoutes,
    ...catalogRoutes,
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
