/** Packages as cards. */
import { Link } from "@tanstack/react-router";
import { categoryLabel } from "../catalog/search.ts";
import classes from "../ui/CardGrid.module.css";
import { CardGrid } from "../ui/CardGrid.tsx";
import { Monogram } from "../ui/Monogram.tsx";
import { StatusPill } from "../ui/StatusPill.tsx";
import { contents, stateOf } from "./model.ts";
import type { Package } from "./types.ts";

interface Props {
  packages: readonly Package[];
  /** Every package, by which one sees what is installed from another registry. */
  all: readonly Package[];
  names: ReadonlyMap<string, string>;
}

export function PackageGrid({ packages, all, names }: Props) {
  return (
    <CardGrid label="Packages" items={packages} keyOf={({ registry, id }) => `${registry}/${id}`}>
      {(one) => {
        const state = stateOf(one, all);
        return (
          <Link
            to="/marketplace/$registry/$packageId"
            params={{ registry: one.registry, packageId: one.id }}
            preload={false}
            className={classes.card}
          >
            <span className={classes.head}>
              <Monogram name={one.name} size={34} />
              <span className={classes.names}>
                <span className={classes.name}>{one.name}</span>
                <span className={classes.category}>{categoryLabel(one.category)}</span>
              </span>
              {state !== "none" && <StatusPill status={state} />}
            </span>
            <span className={classes.text}>{one.description}</span>
            <span className={classes.foot}>
              {contents(one.reach)} · {one.version} · {names.get(one.registry) ?? one.registry}
            </span>
          </Link>
        );
      }}
    </CardGrid>
  );
}
