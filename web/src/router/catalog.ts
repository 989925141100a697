/** The addresses of services: the catalog and the Marketplace. */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import type { CatalogSearch } from "../catalog/CatalogPage.tsx";
import type { ServiceSearch } from "../catalog/ServicePage.tsx";
import type { PackageFilter } from "../marketplace/model.ts";
import { inside, text } from "./base.tsx";

const catalog = createRoute({
  getParentRoute: () => inside,
  path: "/catalog",
  validateSearch: ({ q, category, tier }: Record<string, unknown>): CatalogSearch => ({
    ...(text(q) ? { q: text(q) as string } : {}),
    ...(text(category) ? { category: text(category) as string } : {}),
    ...(text(tier) ? { tier: text(tier) as string } : {}),
  }),
  component: lazyRouteComponent(() => import("../catalog/CatalogPage.tsx")),
});

const service = createRoute({
  getParentRoute: () => inside,
  path: "/catalog/$service",
  validateSearch: ({ tab, operation }: Record<string, unknown>): ServiceSearch => ({
    ...(tab === "operations" || tab === "events" || tab === "permissions" ? { tab } : {}),
    ...(tab === "operations" && text(operation) ? { operation: text(operation) as string } : {}),
  }),
  component: lazyRouteComponent(() => import("../catalog/ServicePage.tsx")),
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
  component: lazyRouteComponent(() => import("../marketplace/MarketplacePage.tsx")),
});

const registries = createRoute({
  getParentRoute: () => inside,
  path: "/marketplace/registries",
  component: lazyRouteComponent(() => import("../marketplace/registries/RegistriesPage.tsx")),
});

const marketplacePackage = createRoute({
  getParentRoute: () => inside,
  path: "/marketplace/$registry/$packageId",
  component: lazyRouteComponent(() => import("../marketplace/PackagePage.tsx")),
});

export const catalogRoutes = [catalog, service, marketplace, registries, marketplacePackage] as const;
