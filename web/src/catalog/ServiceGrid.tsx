/** Services as cards. Only what can be seen is in the page, so that hundreds of them scroll without a stutter. */
import { useElementSize } from "@mantine/hooks";
import { Link } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { memo, useLayoutEffect, useRef, useState } from "react";
import { authTypeLabel } from "../credentials/words.ts";
import { count } from "../lib/format.ts";
import { Monogram } from "../ui/Monogram.tsx";
import classes from "./ServiceGrid.module.css";
import { categoryLabel, tierLabel } from "./search.ts";
import type { ConnectorSummary } from "./types.ts";

const CARD_PX = 124;
const GAP_PX = 12;
const CARD_MIN_PX = 250;

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
  const list = useRef<HTMLDivElement>(null);
  const { ref: sizeRef, width } = useElementSize();
  const [margin, setMargin] = useState(0);
  const lanes = Math.max(1, Math.floor(((width || 1) + GAP_PX) / (CARD_MIN_PX + GAP_PX)));
  const scroller = () => document.getElementById("main");
  // The whole screen scrolls, so the list begins somewhere below its top; where changes with the width.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the place is measured again when the width changes
  useLayoutEffect(() => {
    const main = scroller();
    if (!main || !list.current) return;
    setMargin(list.current.getBoundingClientRect().top - main.getBoundingClientRect().top + main.scrollTop);
  }, [width]);
  const virtualizer = useVirtualizer({
    count: Math.ceil(services.length / lanes),
    getScrollElement: scroller,
    estimateSize: () => CARD_PX + GAP_PX,
    overscan: 4,
    scrollMargin: margin,
  });
  return (
    <div ref={list}>
      <ul
        ref={sizeRef}
        aria-label="Services"
        className={classes.list}
        style={{ height: virtualizer.getTotalSize() }}
      >
        {virtualizer.getVirtualItems().flatMap((row) =>
          services.slice(row.index * lanes, (row.index + 1) * lanes).map((service, lane) => (
            <li
              key={service.id}
              aria-setsize={services.length}
              aria-posinset={row.index * lanes + lane + 1}
              className={classes.item}
              style={{
                transform: `translate(calc(${lane} * (100% + ${GAP_PX}px)), ${row.start - margin}px)`,
                width: `calc((100% - ${(lanes - 1) * GAP_PX}px) / ${lanes})`,
              }}
            >
              <Card service={service} />
            </li>
          )),
        )}
      </ul>
    </div>
  );
}
