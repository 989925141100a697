/** How far the subscription of an event has come: state, address to copy, secret to give, last event, last error. */

import { useQuery } from "@tanstack/react-query";
import { api, value } from "../../../api/client.ts";
import { ApiError } from "../../../api/problem.ts";
import type { WorkflowEvent } from "../../../api/types.ts";
import type { Trigger } from "../../../catalog/types.ts";
import { Ago } from "../../../ui/Ago.tsx";
import { CopyIcon } from "../../../ui/CopyIcon.tsx";
import { StatusPill } from "../../../ui/StatusPill.tsx";
import type { WorkflowNode } from "../../model/document.ts";
import { useLive } from "../../session/live.ts";
import { useSession } from "../../session/session.tsx";
import classes from "../Inspector.module.css";
import { EventSecret } from "./EventSecret.tsx";
import own from "./Subscription.module.css";
import { stateText } from "./words.ts";

/** Milliseconds between two looks: while something is on its way, and while nothing is. */
const SOON_MS = 2_000;
const LATER_MS = 15_000;

/** Whether something is on its way and shows soon: a registration, or the secret that some services send. */
const isMoving = ({ state, needsSecret, hasSecret }: WorkflowEvent): boolean =>
  ["pending", "registering", "removing"].includes(state) || (needsSecret && !hasSecret);

/** The subscription of a workflow, or null while there is none. */
function useSubscription() {
  const session = useSession();
  const { status, activeVersion } = useLive(session.facts, (facts) => facts);
  return useQuery({
    queryKey: ["workflows", "event", session.id, status, activeVersion],
    queryFn: async ({ signal }): Promise<WorkflowEvent | null> => {
      try {
        const params = { path: { id: session.id } };
        return await value(api.GET("/api/workflows/{id}/event", { params, signal }));
      } catch (error) {
        // A workflow that was never activated waits for nothing yet.
        if (error instanceof ApiError && error.status === 404) return null;
        throw error;
      }
    },
    enabled: status !== "draft",
    // A secret that a service told may be in the answer: nothing of it stays once this is out of sight.
    gcTime: 0,
    refetchInterval: ({ state }) =>
      state.data && isMoving(state.data) ? SOON_MS : state.data ? LATER_MS : false,
  });
}

interface Props {
  readonly node: WorkflowNode;
  readonly serviceName: string;
  readonly trigger: Trigger;
}

export function Subscription({ node, serviceName, trigger }: Props) {
  const { data: event, refetch } = useSubscription();
  if (!event) {
    return (
      <section className={own.box} aria-label="Subscription">
        <p>{beforehand(trigger, serviceName)}</p>
      </section>
    );
  }
  const isOther = event.connector !== node.connector || event.event !== node.event;
  const { word, text } = stateText(event.state, event.way, serviceName);
  return (
    <section className={own.box} aria-label="Subscription">
      <div className={own.head}>
        <StatusPill status={word} />
        <span className={own.last}>
          last event <Ago at={event.lastEventAt} never="none yet" />
        </span>
      </div>
      <p>
        {isOther
          ? "The active version waits for another event. Activate this version to wait for this one."
          : text}
      </p>
      {event.error && (
        <p className={classes.error} role="alert">
          {event.error}
          {event.nextAt && (
            <>
              {" "}
              Next attempt <Ago at={event.nextAt} />.
            </>
          )}
        </p>
      )}
      {!isOther && event.way === "polling" && event.nextAt && !event.error && (
        <p>
          Asked again <Ago at={event.nextAt} />.
        </p>
      )}
      {!isOther && event.webhookUrl && (
        <Address event={event} serviceName={serviceName} url={event.webhookUrl} />
      )}
      {!isOther && event.needsSecret && (
        <EventSecret
          serviceName={serviceName}
          isSet={event.hasSecret}
          told={event.toldSecret ?? undefined}
          onSaved={() => void refetch()}
        />
      )}
      {!isOther && event.way === "manual" && trigger.secretInCredential && (
        <p>The signatures are checked with the signing secret in the credential above.</p>
      )}
      {event.registrationId && (
        <p className={own.id}>
          Registered as <code>{event.registrationId}</code>
        </p>
      )}
    </section>
  );
}

/** Where the events go; where a person enters it, with what to do. */
function Address({ event, serviceName, url }: { event: WorkflowEvent; serviceName: string; url: string }) {
  return (
    <div className={own.step}>
      <div className={classes.label}>
        {event.way === "manual" ? `1. Enter this address at ${serviceName}` : "Address"}
      </div>
      <div className={classes.url}>
        <code title={url}>{url}</code>
        <CopyIcon value={url} label="Copy the address" />
      </div>
    </div>
  );
}

/** What activation brings, before there is anything to show. */
function beforehand(trigger: Trigger, service: string): string {
  if (trigger.way === "manual")
    return `Activate the workflow, and the address to enter at ${service} stands here.`;
  if (trigger.way === "polling") return `Activate the workflow, and Flero begins to ask ${service}.`;
  return `Activate the workflow, and Flero registers itself at ${service}.`;
}
