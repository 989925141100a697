/** The panel of a ConnectorTrigger: the service, the event, what it asks for, and how far its subscription has come. */

import { Alert, Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { sentence } from "../../../api/problem.ts";
import { connectorQuery } from "../../../catalog/queries.ts";
import type { Connector, Trigger } from "../../../catalog/types.ts";
import * as commands from "../../model/commands.ts";
import type { WorkflowNode } from "../../model/document.ts";
import { helpOf } from "../../model/schema.ts";
import { eventFields, POLL_MINUTES } from "../../model/types/connector.ts";
import { useSession } from "../../session/session.tsx";
import { CredentialPicker } from "../CredentialPicker.tsx";
import { OneField } from "../Fields.tsx";
import { Frame } from "../form.tsx";
import { InputField } from "../operation/InputField.tsx";
import own from "../operation/Operation.module.css";
import { Choice, named, ServiceSelect } from "../operation/selects.tsx";
import { Subscription } from "./Subscription.tsx";
import { wayText } from "./words.ts";

export function EventForm({ node }: { node: WorkflowNode }) {
  const connector = useQuery({
    ...connectorQuery(node.connector ?? ""),
    enabled: node.connector !== undefined,
  });
  const trigger = connector.data?.triggers.find(({ id }) => id === node.event);
  return (
    <>
      <ServiceSelect node={node} having="event" />
      {connector.error && (
        <Alert color="red" role="alert" mb="md">
          {sentence(connector.error)}
        </Alert>
      )}
      {connector.data && <EventSelect node={node} connector={connector.data} />}
      {node.connector && <CredentialPicker node={node} />}
      {connector.data && trigger && <Asked connector={connector.data} trigger={trigger} />}
      {connector.data && trigger?.way && (
        <Subscription node={node} serviceName={connector.data.name} trigger={trigger} />
      )}
    </>
  );
}

/** What the event is about, how it comes, and what it asks for. */
function Asked({ connector, trigger }: { connector: Connector; trigger: Trigger }) {
  const help = helpOf(trigger.description);
  return (
    <>
      <div className={own.about}>
        {help && help !== trigger.name && <p>{help}</p>}
        <p>{wayText(trigger.way, connector.name)}</p>
      </div>
      {eventFields(trigger.input).map((field) => (
        <InputField
          key={field.name}
          field={field}
          path={["inputs", field.name]}
          options={trigger.options?.[field.name]}
          connector={connector}
          owner={{ connector: connector.id, event: trigger.id }}
        />
      ))}
      {trigger.way === "polling" && <OneField field={POLL_MINUTES} path={[POLL_MINUTES.name]} />}
    </>
  );
}

/** The event. One that cannot be waited for is shown, so that nobody looks for it elsewhere. */
function EventSelect({ node, connector }: { node: WorkflowNode; connector: Connector }) {
  const session = useSession();
  const byId = new Map(connector.triggers.map((entry) => [entry.id, entry]));
  const chosen = byId.get(node.event ?? "");
  const choose = (id: string | null) => {
    const next = byId.get(id ?? "");
    if (!next || next.id === node.event) return;
    session.store.run({ label: "Choose an event" }, (doc) => {
      const set = commands.setOptions(doc, node.id, { event: next.id });
      // What another event asked for and this one does not would be refused.
      const kept = Object.entries((node.parameters.inputs ?? {}) as Record<string, never>).filter(([name]) =>
        Object.hasOwn(next.input.properties ?? {}, name),
      );
      const inputs = kept.length > 0 ? Object.fromEntries(kept) : undefined;
      const fitted = commands.setParameter(set, node.id, ["inputs"], inputs);
      return named(fitted, node, chosen?.name ?? connector.name, next.name);
    });
  };
  return (
    <Frame
      label="Event"
      path={["event"]}
      isBeside
      help={node.event && !chosen ? `${connector.name} has no event “${node.event}”.` : undefined}
    >
      {({ describedBy, invalid }) => (
        <Select
          aria-label="Event"
          aria-describedby={describedBy}
          error={invalid}
          placeholder={`What at ${connector.name} begins a run?`}
          searchable
          allowDeselect={false}
          data={connector.triggers.map(({ id, name, way }) => ({
            value: id,
            label: name,
            disabled: way === null,
          }))}
          value={chosen?.id ?? null}
          onChange={choose}
          nothingFoundMessage="No event of this service fits."
          renderOption={({ option }) => {
            const entry = byId.get(option.value);
            const detail =
              entry?.way === null
                ? "Not described well enough to be waited for: use a Webhook trigger."
                : entry?.description;
            return <Choice label={option.label} detail={detail} />;
          }}
        />
      )}
    </Frame>
  );
}
