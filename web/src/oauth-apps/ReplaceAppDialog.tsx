/** Gives an OAuth app another secret. Every credential that uses it goes on with the new one. */
import { Modal, Text } from "@mantine/core";
import type { OauthApp } from "../api/types.ts";
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
  const stored = Object.entries(app.parameters as Record<string, unknown>);
  const texts = stored.filter((entry): entry is [string, string] => typeof entry[1] === "string");
  return (
    <ClientForm
      fields={clientFields(connector)}
      initial={{ values: Object.fromEntries(texts), hosts: app.allowedHosts }}
      hasToNameHosts={connector ? needsHosts(connector) : false}
      label="Replace"
      error={replace.error}
      isPending={replace.isPending}
      onSubmit={(body) => replace.mutate({ id: app.id, body })}
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
