/** Gives an OAuth app another secret. Every credential that uses it goes on with the new one. */
import { Modal, Text } from "@mantine/core";
import type { OauthApp, OauthAppClient } from "../api/types.ts";
import { ServiceGate } from "../credentials/service/ServiceGate.tsx";
import type { Service } from "../credentials/service/use-service.ts";
import { notify } from "../ui/notify.ts";
import { ClientForm } from "./ClientForm.tsx";
import { clientFields, needsHosts } from "./fields.ts";
import { oauthAppActs, useOauthAppAct } from "./queries.ts";
import { UsersView } from "./UsersView.tsx";

interface Props {
  readonly app: OauthApp;
  readonly onClose: () => void;
}

export function ReplaceAppDialog({ app, onClose }: Props) {
  return (
    <Modal opened onClose={onClose} title="Replace the client" closeOnClickOutside={false} size={560}>
      <ServiceGate id={app.service}>
        {(service) => <Replacement app={app} service={service} onClose={onClose} />}
      </ServiceGate>
    </Modal>
  );
}

function Replacement({ app, service, onClose }: Props & { readonly service: Service }) {
  const replace = useOauthAppAct(oauthAppActs.replace, () => {
    notify.done("Replaced", `Credentials for ${service.name} use the new client from now on.`);
    onClose();
  });
  const { connector } = service;
  const stored = app.parameters as Record<string, unknown>;
  const texts = Object.entries(stored).filter(
    (entry): entry is [string, string] => typeof entry[1] === "string",
  );
  const fields = connector ? clientFields(connector) : [];
  const shown = new Set(fields.map(({ name }) => name));
  // What the form does not show, such as how the client proves itself, stays as it is.
  const further = Object.fromEntries(Object.entries(stored).filter(([name]) => !shown.has(name)));
  const submit = (client: OauthAppClient) =>
    replace.mutate({
      id: app.id,
      body: { ...client, parameters: { ...further, ...client.parameters } as OauthAppClient["parameters"] },
    });
  return (
    <ClientForm
      fields={fields}
      initial={{ values: Object.fromEntries(texts), hosts: app.allowedHosts }}
      hasToNameHosts={connector ? needsHosts(connector) : false}
      label="Replace"
      error={replace.error}
      isPending={replace.isPending}
      onSubmit={submit}
      onCancel={onClose}
    >
      <Text size="sm" c="dimmed">
        The client is replaced whole, so type its secret anew. The client ID can change only while nothing
        uses the app: what a service granted belongs to one client.
      </Text>
      <UsersView error={replace.error} />
    </ClientForm>
  );
}
