/** The last uses of a credential: when, at which host, with what outcome, in which execution. */
import { Alert, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { sentence } from "../api/problem.ts";
import type { AuditEntry } from "../api/types.ts";
import { useNames } from "../audit/names.ts";
import { auditQuery } from "../audit/queries.ts";
import { actorLabel, executionOf } from "../audit/words.ts";
import { Ago } from "../ui/Ago.tsx";
import { ScreenLoader } from "../ui/ScreenLoader.tsx";
import { ShowMore } from "../ui/ShowMore.tsx";
import { StatusPill } from "../ui/StatusPill.tsx";
import classes from "./Drawers.module.css";
import { ExecutionLink } from "./ExecutionLink.tsx";

/** What it was used for, in words. */
const PURPOSES: Record<string, string> = {
  node: "in a node",
  test: "in a test",
  options: "for the choices of a form",
  proxy: "through the proxy",
  inbound: "for an incoming call",
  trigger: "for an event",
};

const lineOf = ({ host, node, purpose, status }: AuditEntry["detail"]): string =>
  [
    host ?? (purpose ? `Used ${PURPOSES[purpose] ?? purpose}` : "Used"),
    host && purpose && purpose !== "node" ? PURPOSES[purpose] : undefined,
    node ? `node ${node}` : undefined,
    status ? `answered ${status}` : undefined,
  ]
    .filter(Boolean)
    .join(" · ");

export function LastUses({ credentialId }: { credentialId: string }) {
  const query = useInfiniteQuery(auditQuery({ credentialId, action: "credential.used" }));
  const { data, error } = query;
  const { nameOf } = useNames();
  const entries = data?.pages.flatMap((page) => page.items) ?? [];
  if (error && !data) return <Alert color="red">{sentence(error)}</Alert>;
  if (!data) return <ScreenLoader />;
  if (entries.length === 0) {
    return (
      <Text c="dimmed" size="sm">
        It has not been used yet.
      </Text>
    );
  }
  return (
    <>
      <ul className={classes.list}>
        {entries.map((entry) => {
          const use = entry.detail;
          const run = executionOf(entry);
          return (
            <li key={entry.id}>
              <span>
                <Text size="sm">{lineOf(use)}</Text>
                <Text size="xs" c="dimmed" component="span">
                  {actorLabel(entry.actor, nameOf)} · <Ago at={entry.at} />
                </Text>
                {run && (
                  <>
                    {" · "}
                    <ExecutionLink id={run}>Show the execution</ExecutionLink>
                  </>
                )}
              </span>
              {use.outcome && <StatusPill status={use.outcome} />}
            </li>
          );
        })}
      </ul>
      <ShowMore query={query} />
    </>
  );
}
