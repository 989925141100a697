/** Makes a draft that begins with a connector's operation or with its event, and opens it. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { api, value } from "../api/client.ts";
import { sentence } from "../api/problem.ts";
import type { NewWorkflow } from "../api/types.ts";
import { notify } from "../ui/notify.ts";
import { operationQuery } from "./queries.ts";
import type { Connector, Operation, OperationSummary, Trigger } from "./types.ts";

const START = { id: "start", name: "Start", type: "Start", parameters: {}, position: { x: 0, y: 0 } };
const BESIDE = { x: 320, y: 0 };

/** What an input holds until somebody fills it in: the description's own example, for what cannot be left out. */
function inputsOf(operation: Operation): Record<string, unknown> {
  const example = operation.hints.example?.inputs ?? {};
  const needed = operation.input.required ?? [];
  return Object.fromEntries(
    needed.map((name) => [name, example[name] ?? operation.input.properties?.[name]?.examples?.[0] ?? ""]),
  );
}

/** The draft's document: an operation where the connector has one, else a request to its address. */
export function draftOf(connector: Connector, operation?: Operation): NewWorkflow {
  const name = operation?.name ?? connector.name;
  const node = operation
    ? {
        type: "Connector",
        connector: connector.id,
        operation: operation.id,
        parameters: inputsOf(operation),
      }
    : {
        type: "HTTPRequest",
        // A place that a credential fills in is typed anew: the draft must name an address that can be read.
        parameters: { method: "GET", url: connector.baseUrl.replace(/\{[^}]+\}/g, "example") },
      };
  return {
    name: `${connector.name}: ${name === connector.name ? "request" : name}`,
    nodes: [START, { id: "call", name, position: BESIDE, ...node }],
    edges: [{ from: "start", to: "call" }],
  };
}

/** The draft's document that waits for an event; what the event asks for is filled in there. */
export function eventDraftOf(connector: Connector, { id, name, input }: Trigger): NewWorkflow {
  const node = {
    id: "event",
    name,
    type: "ConnectorTrigger",
    connector: connector.id,
    event: id,
    parameters: { inputs: Object.fromEntries((input.required ?? []).map((needed) => [needed, ""])) },
    position: { x: 0, y: 0 },
  };
  return { name: `${connector.name}: ${name}`, nodes: [node], edges: [] };
}

/** Opens a draft as soon as it is made, with the node selected that it is about. */
function useDraft<Chosen>(draft: (chosen: Chosen) => Promise<NewWorkflow>, node: string) {
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: async (chosen: Chosen) => value(api.POST("/api/workflows", { body: await draft(chosen) })),
    onSuccess: async (made) => {
      await queryClient.invalidateQueries({ queryKey: ["workflows", "list"] });
      await navigate({ to: "/workflows/$workflowId", params: { workflowId: made.id }, search: { node } });
    },
    onError: (error) => notify.failed("No workflow was made", sentence(error)),
  });
}

/** Makes a draft of an operation, or of a request where there is none. */
export function useInWorkflow(connector: Connector) {
  const queryClient = useQueryClient();
  const draft = async (chosen: OperationSummary | undefined) =>
    draftOf(
      connector,
      chosen && (await queryClient.ensureQueryData(operationQuery(connector.id, chosen.id))),
    );
  return useDraft(draft, "call");
}

/** Makes a draft that waits for an event. */
export function useEventInWorkflow(connector: Connector) {
  return useDraft(async (chosen: Trigger) => eventDraftOf(connector, chosen), "event");
}
