/** A new OAuth app: first its service, then who shares it and its client. */
import { useState } from "react";
import type { NewOauthApp } from "../api/types.ts";
import { useCan } from "../auth/me.ts";
import type { ConnectorSummary } from "../catalog/types.ts";
import { ChoiceCards } from "../credentials/ChoiceCards.tsx";
import { Callback } from "../credentials/form/Callback.tsx";
import { HowToGet } from "../credentials/form/HowToGet.tsx";
import { ServiceChoice } from "../credentials/service/ServiceChoice.tsx";
import { ServiceModal } from "../credentials/service/ServiceModal.tsx";
import type { Service } from "../credentials/service/use-service.ts";
import { Notice } from "../ui/Notice.tsx";
import { notify } from "../ui/notify.ts";
import { ClientForm } from "./ClientForm.tsx";
import { clientFields, needsHosts } from "./fields.ts";
import { whoseApp } from "./levels.ts";
import { oauthAppActs, useOauthAppAct } from "./queries.ts";

const takesOauth = ({ authTypes }: ConnectorSummary): boolean => authTypes.includes("oauth2");

interface Props {
  /** The chosen service, as the address says. */
  readonly service: string | undefined;
  readonly onChoose: (service: string) => void;
  readonly onClose: () => void;
}

export function AddAppDialog({ service: chosen, onChoose, onClose }: Props) {
  return (
    <ServiceModal
      chosen={chosen}
      title="Set up an OAuth app"
      titleOf={({ name }) => `OAuth app for ${name}`}
      choice={<ServiceChoice only={takesOauth} onChoose={onChoose} />}
      onBack={() => onChoose("")}
      onClose={onClose}
    >
      {(service) => <NewApp key={service.id} service={service} onClose={onClose} />}
    </ServiceModal>
  );
}

function NewApp({ service, onClose }: { readonly service: Service; readonly onClose: () => void }) {
  const isAllowed: Record<string, boolean> = {
    workspace: useCan("oauthApps.manageWorkspace"),
    organization: useCan("oauthApps.manageOrganization"),
  };
  const taken = (level: string) => service.apps?.some((app) => app.level === level) ?? false;
  const levels = [
    { value: "workspace", label: "This workspace", hint: "Credentials of this workspace use it." },
    {
      value: "organization",
      label: "The whole organization",
      hint: "Credentials of every workspace use it, unless the workspace has one of its own.",
    },
  ].map((level) => ({
    ...level,
    disabled: isAllowed[level.value] !== true || taken(level.value),
    hint: taken(level.value) ? "There is one already. Replace its client instead." : level.hint,
  }));
  const [level, setLevel] = useState(() => levels.find(({ disabled }) => !disabled)?.value ?? "");
  const create = useOauthAppAct(oauthAppActs.create, () => {
    notify.done("Set up", `New credentials for ${service.name} use the app of ${whoseApp(level)}.`);
    onClose();
  });
  const { connector } = service;
  if (!connector?.auth.some(({ oauth }) => oauth)) {
    return <Notice tone="warn">{service.name} does not authenticate with OAuth, so it takes no app.</Notice>;
  }
  return (
    <ClientForm
      fields={clientFields(connector)}
      hasToNameHosts={needsHosts(connector)}
      label="Set up"
      error={create.error}
      isPending={create.isPending}
      onSubmit={(client) => create.mutate({ ...client, level, service: service.id } as NewOauthApp)}
      onCancel={onClose}
    >
      <HowToGet guide={connector.guide} at={service.name} />
      {service.callback && <Callback uri={service.callback} name={service.name} />}
      <ChoiceCards
        label="Who shares it"
        columns={1}
        value={level}
        options={levels}
        onChange={(next) => setLevel(next)}
      />
    </ClientForm>
  );
}
