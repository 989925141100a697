/** What is installed and no registry offers at the moment, so that it can be found and removed all the same. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { catalogQuery } from "../catalog/queries.ts";
import classes from "./MarketplacePage.module.css";
import { notOffered } from "./model.ts";
import type { Offer } from "./types.ts";

export function NotOffered({ offer }: { offer: Offer }) {
  const { data } = useQuery(catalogQuery);
  const rest = notOffered(data ?? [], offer);
  if (rest.length === 0) return null;
  return (
    <section className={classes.rest} aria-labelledby="not-offered">
      <h2 id="not-offered">Installed, and no longer offered</h2>
      <p>Their registry was removed or cannot be read. They work as before; remove them on their own page.</p>
      <ul>
        {rest.map(({ id, name }) => (
          <li key={id}>
            <Link to="/catalog/$service" params={{ service: id }}>
              {name}
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
