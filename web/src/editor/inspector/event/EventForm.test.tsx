import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it, vi } from "vitest";
import { api } from "../../../api/client.ts";
import { connectorQuery } from "../../../catalog/queries.ts";
import { theme } from "../../../theme.ts";
import type { WorkflowNode } from "../../model/document.ts";
import { Live } from "../../session/live.ts";
import { credentialChoicesQuery } from "../credentials.ts";
import { FormProvider } from "../form.tsx";
import { EventForm } from "./EventForm.tsx";

const changed = vi.fn();
vi.mock("../../session/session.tsx", () => ({
  useSession: () => ({
    id: "wf_1",
    verdict: new Live({ byNode: new Map() }),
    facts: new Live({ status: "draft", activeVersion: null }),
    store: { run: (_: unknown, change: (doc: unknown) => unknown) => changed(change) },
  }),
}));
vi.mock("../CredentialPicker.tsx", () => ({ CredentialPicker: () => null }));
afterEach(() => vi.restoreAllMocks());

const answer = (data: unknown) => ({ data, response: new Response("{}") }) as never;

const connector = {
  id: "gitea",
  name: "Gitea",
  auth: [{}],
  operations: [{ id: "listRepos", name: "List repositories", method: "GET", path: "/repos" }],
  triggers: [
    {
      id: "push",
      name: "Push",
      description: "",
      payload: null,
      way: "registered",
      input: { type: "object", properties: { owner: { type: "string" }, repo: { type: "string" } } },
      options: {
        repo: {
          operation: "listRepos",
          inputs: { owner: "{{owner}}" },
          items: "",
          value: "/name",
          label: "/full_name",
        },
      },
      secretInCredential: false,
    },
  ],
};

const nodeWith = (inputs: Record<string, string>): WorkflowNode => ({
  id: "t",
  name: "Push",
  type: "ConnectorTrigger",
  connector: "gitea",
  event: "push",
  credentialId: "cred_1",
  parameters: { inputs },
});

function show(node: WorkflowNode) {
  const client = new QueryClient({ defaultOptions: { queries: { staleTime: Number.POSITIVE_INFINITY } } });
  client.setQueryData(connectorQuery("gitea").queryKey, connector as never);
  client.setQueryData(credentialChoicesQuery.queryKey, [{ id: "cred_1" }] as never);
  render(
    <QueryClientProvider client={client}>
      <MantineProvider theme={theme} env="test">
        <FormProvider node={node} env={{}} onInsert={() => {}} makeCredential={() => {}}>
          <EventForm node={node} />
        </FormProvider>
      </MantineProvider>
    </QueryClientProvider>,
  );
}

it("lists the choices of an event's input, which may depend on another one", async () => {
  const choices = { items: [{ value: "tea", label: "ada/tea" }], truncated: false };
  const post = vi.spyOn(api, "POST").mockResolvedValue(answer(choices));
  const node = nodeWith({ owner: "ada" });
  show(node);
  await userEvent.click(screen.getByRole("combobox", { name: "Repo" }));
  await userEvent.click(await screen.findByText("ada/tea"));
  expect(post).toHaveBeenCalledExactlyOnceWith(
    "/api/connectors/{connector}/events/{event}/options/{input}",
    expect.objectContaining({
      params: { path: { connector: "gitea", event: "push", input: "repo" } },
      body: { credentialId: "cred_1", inputs: { owner: "ada" } },
    }),
  );
  // The choice stands among the inputs of the event.
  expect(changed.mock.calls[0]?.[0]({ nodes: [node], edges: [] })).toMatchObject({
    nodes: [{ parameters: { inputs: { owner: "ada", repo: "tea" } } }],
  });
});

it("says which input it waits for, and asks for nothing", async () => {
  const post = vi.spyOn(api, "POST");
  show(nodeWith({}));
  await userEvent.click(screen.getByRole("combobox", { name: "Repo" }));
  await screen.findByText("Fill in “Owner” first, and the choices are listed here.");
  expect(post).not.toHaveBeenCalled();
});
