/** Which service a node calls or waits for, and what of it. */

import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useCallback, useMemo } from "react";
import { catalogQuery } from "../../../catalog/queries.ts";
import { requestOf } from "../../../catalog/request.ts";
import { findServices } from "../../../catalog/search.ts";
import type { Connector, ConnectorSummary } from "../../../catalog/types.ts";
import { count } from "../../../lib/format.ts";
import { Monogram } from "../../../ui/Monogram.tsx";
import * as commands from "../../model/commands.ts";
import { nodeById, type WorkflowDocument, type WorkflowNode } from "../../model/document.ts";
import { describe } from "../../model/nodeTypes.ts";
import { useSession } from "../../session/session.tsx";
import { Frame } from "../form.tsx";
import own from "./Operation.module.css";

/** The most entries that a list draws; more letters find the others. */
const MOST = 80;

/** An entry of a list of choices: what it is called, and a line that says more. */
export function Choice({
  icon,
  label,
  detail,
}: {
  readonly icon?: ReactNode;
  readonly label: string;
  readonly detail: string | undefined;
}) {
  return (
    <span className={own.option}>
      {icon}
      <span className={own.words}>
        <span>{label}</span>
        {detail && <span className={own.detail}>{detail}</span>}
      </span>
    </span>
  );
}

interface ServiceProps {
  readonly node: WorkflowNode;
  /** What the service has to offer to be in the list. */
  readonly having?: "operation" | "event";
}

/** The service. Another one begins anew: neither operation, event nor credential fits it. */
export function ServiceSelect({ node, having = "operation" }: ServiceProps) {
  const session = useSession();
  const { data } = useQuery(catalogQuery);
  const amount = useCallback(
    (entry: ConnectorSummary | undefined) =>
      (having === "event" ? entry?.eventCount : entry?.operationCount) ?? 0,
    [having],
  );
  const services = useMemo(() => (data ?? []).filter((entry) => amount(entry) > 0), [data, amount]);
  const byId = new Map(services.map((entry) => [entry.id, entry]));
  const choose = (id: string | null) => {
    if (id === null || id === node.connector) return;
    session.store.run({ label: "Choose a service" }, (doc) => {
      const set = commands.setOptions(doc, node.id, {
        connector: id,
        operation: undefined,
        event: undefined,
        credentialId: undefined,
      });
      const empty = commands.setParameters(set, node.id, {});
      const name = byId.get(id)?.name ?? id;
      return named(empty, node, byId.get(node.connector ?? "")?.name ?? describe(node.type).label, name);
    });
  };
  const items = services.map((entry) => ({ value: entry.id, label: entry.name }));
  const isListed = node.connector === undefined || byId.has(node.connector);
  return (
    <Frame label="Service" path={["connector"]} isBeside>
      {({ describedBy, invalid }) => (
        <Select
          aria-label="Service"
          aria-describedby={describedBy}
          error={invalid}
          placeholder="Choose a service"
          searchable
          allowDeselect={false}
          limit={MOST}
          leftSection={node.connector ? <Monogram name={node.connector} size={20} /> : undefined}
          data={isListed ? items : [{ value: node.connector ?? "", label: node.connector ?? "" }, ...items]}
          value={node.connector ?? null}
          onChange={choose}
          nothingFoundMessage={
            having === "event"
              ? "No service of this name has events. Use a Webhook trigger, or ask on a schedule."
              : "No service of this name has operations. Use an HTTP Request with its credential."
          }
          filter={({ search }) => {
            // While nothing is typed the field holds the chosen name, which is no search.
            const typed = search === byId.get(node.connector ?? "")?.name ? "" : search;
            return findServices(services, typed).map((entry) => ({ value: entry.id, label: entry.name }));
          }}
          renderOption={({ option }) => (
            <Choice
              icon={<Monogram name={option.value} size={24} />}
              label={option.label}
              detail={count(amount(byId.get(option.value)), having)}
            />
          )}
        />
      )}
    </Frame>
  );
}

/** A node that still has the name it was given by itself goes on being called by what it does. */
export function named(
  doc: WorkflowDocument,
  node: WorkflowNode,
  before: string,
  now: string,
): WorkflowDocument {
  const stem = node.name.replace(/ \d+$/, "");
  if (stem !== before || now === before) return doc;
  const taken = new Set(doc.nodes.filter((other) => other.id !== node.id).map((other) => other.name));
  let name = now;
  for (let number = 2; taken.has(name); number += 1) name = `${now} ${number}`;
  return nodeById(doc, node.id) ? commands.renameNode(doc, node.id, name) : doc;
}

/** The operation, found by its name, its group or its path. */
export function OperationSelect({ node, connector }: { node: WorkflowNode; connector: Connector }) {
  const session = useSession();
  const byId = useMemo(
    () => new Map(connector.operations.map((entry) => [entry.id, entry])),
    [connector.operations],
  );
  const groups = useMemo(() => {
    const found = new Map<string, { value: string; label: string }[]>();
    for (const { id, name, group } of connector.operations) {
      const list = found.get(group || "Operations") ?? [];
      list.push({ value: id, label: name });
      found.set(group || "Operations", list);
    }
    return [...found].map(([group, items]) => ({ group, items }));
  }, [connector.operations]);
  const chosen = byId.get(node.operation ?? "");
  const choose = (id: string | null) => {
    const next = byId.get(id ?? "");
    if (!next || next.id === node.operation) return;
    session.store.run({ label: "Choose an operation" }, (doc) =>
      named(
        commands.setOptions(doc, node.id, { operation: next.id }),
        node,
        chosen?.name ?? connector.name,
        next.name,
      ),
    );
  };
  const fits = (id: string, words: readonly string[]) => {
    const entry = byId.get(id);
    const text = `${entry?.name} ${entry?.group} ${entry?.id} ${entry?.path}`.toLowerCase();
    return words.every((word) => text.includes(word));
  };
  return (
    <Frame
      label="Operation"
      path={["operation"]}
      isBeside
      help={node.operation && !chosen ? `${connector.name} has no operation “${node.operation}”.` : undefined}
    >
      {({ describedBy, invalid }) => (
        <Select
          aria-label="Operation"
          aria-describedby={describedBy}
          error={invalid}
          placeholder={`Choose one of ${count(connector.operations.length, "operation")}`}
          searchable
          allowDeselect={false}
          limit={MOST}
          data={groups}
          value={chosen?.id ?? null}
          onChange={choose}
          nothingFoundMessage="No operation of this service fits."
          filter={({ search }) => {
            const typed = search === chosen?.name ? "" : search.toLowerCase();
            const words = typed.split(/\s+/).filter(Boolean);
            return groups
              .map(({ group, items }) => ({ group, items: items.filter(({ value }) => fits(value, words)) }))
              .filter(({ items }) => items.length > 0);
          }}
          renderOption={({ option }) => {
            const entry = byId.get(option.value);
            const request = entry && requestOf(connector, entry);
            const detail = [
              request && `${request.method} ${request.path}`,
              entry?.deprecated && "advised against",
            ].filter(Boolean);
            return <Choice label={option.label} detail={detail.join(" · ")} />;
          }}
        />
      )}
    </Frame>
  );
}
