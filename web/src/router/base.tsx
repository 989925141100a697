/** What every address stands below: the root, and everything that needs somebody who is signed in. */
import type { QueryClient } from "@tanstack/react-query";
import {
  createRootRouteWithContext,
  createRoute,
  lazyRouteComponent,
  Outlet,
  redirect,
} from "@tanstack/react-router";
import { ApiError } from "../api/problem.ts";
import { meQuery } from "../auth/me.ts";
import { NotFound, RouteError } from "../ui/RouteError.tsx";

interface Context {
  queryClient: QueryClient;
}

export const root = createRootRouteWithContext<Context>()({
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

/** Everything that needs somebody who is signed in. */
export const inside = createRoute({
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
  component: lazyRouteComponent(() => import("../shell/Shell.tsx")),
});

/** A text of an address; anything else that stands there counts as nothing. */
export const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);
