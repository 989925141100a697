/** Services as cards. */
import { Link } from "@tanstack/react-router";
import { memo } from "react";
import { authTypeLabel } from "../credentials/words.ts";
import { count } from "../lib/format.ts";
import classes from "../ui/CardGrid.module.css";
import { CardGrid } from "../ui/CardGrid.tsx";
import { Monogram } from "../ui/Monogram.tsx";
import { categoryLabel, tierLabel } from "./search.ts";
import type { ConnectorSummary } from "./types.ts";

/** What a connector brings along. */
function contents({ operationCount, eventCount, authTypes }: ConnectorSummary): string {
  if (operationCount === 0) return authTypes.map(authTypeLabel).join(", ");
  const events = eventCount > 0 ? `, ${count(eventCount, "event")}` : "";
  return `${count(operationCount, "operation")}${events}`;
}

const Card = memo(function Card({ service }: { service: ConnectorSummary }) {
  return (
    <Link to="/catalog/$service" params={{ service: service.id }} preload={false} className={classes.card}>
      <span className={classes.head}>
        <Monogram name={service.name} size={34} />
        <span className={classes.names}>
          <span className={classes.name}>{service.name}</span>
          <span className={classes.category}>{categoryLabel(service.category)}</span>
        </span>
        {service.tier !== "known" && <span className={classes.tier}>{tierLabel(service.tier)}</span>}
      </span>
      <span className={classes.text}>{service.description}</span>
      <span className={classes.foot}>{contents(service)}</span>
    </Link>
  );
});

export function ServiceGrid({ services }: { services: readonly ConnectorSummary[] }) {
  return (
    <CardGrid label="Services" items={services} keyOf={(service) => service.id}>
      {(service) => <Card service={service} />}
    </CardGrid>
  );
}
