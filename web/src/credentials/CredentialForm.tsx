/** Add or edit a credential: what it is called, how it authenticates, who can use it, and where it may go. */
import { Alert, Stack, Text, TextInput } from "@mantine/core";
import type { FormEvent } from "react";
import type { Credential } from "../api/types.ts";
import { isHttp } from "../catalog/request.ts";
import { ChoiceCards } from "./ChoiceCards.tsx";
import { AuthFields } from "./form/AuthFields.tsx";
import { AuthTypeChoice } from "./form/AuthTypeChoice.tsx";
import { Callback } from "./form/Callback.tsx";
import { ClientChoice } from "./form/ClientChoice.tsx";
import { Foot } from "./form/Foot.tsx";
import { HowToGet } from "./form/HowToGet.tsx";
import { Labels } from "./form/Labels.tsx";
import { type Beginning, needsSecretsAgain } from "./form-state.ts";
import { ConnectionView } from "./oauth/ConnectionView.tsx";
import type { CredentialDialog } from "./queries.ts";
import type { Service } from "./service/use-service.ts";
import { told } from "./told.ts";
import { useCredentialForm } from "./use-credential-form.ts";
import { VerdictView } from "./VerdictView.tsx";
import { isConnectedByPerson } from "./ways.ts";

interface Props {
  service: Service;
  stored?: Credential | undefined;
  /** What a new one begins with. */
  beginning?: Beginning | undefined;
  onClose: () => void;
  onSaved?: ((credential: Credential) => void) | undefined;
  /** Opens what a change makes necessary. */
  onOpen?: ((dialog: CredentialDialog) => void) | undefined;
}

export function CredentialForm({ service, stored, beginning, onClose, onSaved, onOpen }: Props) {
  const acts = useCredentialForm({
    service,
    stored,
    beginning,
    onSaved: (credential) => {
      onSaved?.(credential);
      onClose();
      // The grant ended with the change, so the account is connected anew right away.
      if (
        stored &&
        credential.status === "expired" &&
        stored.status !== "expired" &&
        isConnectedByPerson(credential)
      )
        onOpen?.({ kind: "reconnect", credential });
    },
  });
  const { way, form, set, wrong, connect, test, failure } = acts;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (acts.needsConnection && connect.connection.state !== "connected") acts.authorize();
    else acts.submit();
  };
  const called = service.connector ? service.name : "the service";
  const endsGrant =
    stored !== undefined && isConnectedByPerson(stored) && needsSecretsAgain(form, way, stored);
  return (
    <form onSubmit={submit} autoComplete="off" noValidate>
      <Stack gap="md">
        {service.connector && !stored && (
          <HowToGet guide={service.connector.guide} at={isHttp(way.authType) ? service.name : undefined} />
        )}
        <TextInput
          label="Name"
          placeholder="Production API"
          value={form.name}
          onChange={(event) => set({ name: event.currentTarget.value })}
          error={wrong("/name")}
          // The form may come after the window, which has given the focus to what was there by then.
          autoFocus
          data-autofocus
        />
        {!stored && service.ways.length > 1 && (
          <AuthTypeChoice
            ways={service.ways}
            value={way.key}
            disabled={acts.isLocked}
            onChange={acts.choose}
          />
        )}
        {acts.apps.length > 0 && (
          <ClientChoice
            apps={acts.apps}
            value={form.app}
            serviceName={service.name}
            disabled={acts.isLocked}
            onChange={acts.chooseApp}
          />
        )}
        {acts.needsConnection && service.callback && form.app === "" && (
          <Callback uri={service.callback} name={service.name} />
        )}
        <AuthFields
          form={form}
          way={way}
          service={service}
          stored={stored}
          disabled={acts.isLocked}
          held={acts.held}
          wrong={wrong}
          onChange={set}
        />
        {!stored && (
          <ChoiceCards
            label="Who can use it"
            columns={1}
            value={form.scope}
            options={acts.scopes}
            disabled={acts.isLocked}
            onChange={(scope) => set({ scope })}
          />
        )}
        <Labels form={form} wrong={wrong} onChange={set} />
        {endsGrant && (
          <Alert color="orange">
            This change ends the present grant. After saving, the account is connected again; workflows keep
            the credential.
          </Alert>
        )}
        <Foot acts={acts} isNew={stored === undefined} onClose={onClose}>
          {test.data && !test.isPending && <VerdictView verdict={test.data} />}
          {acts.needsConnection && <ConnectionView connect={connect} serviceName={called} isTold />}
          {failure && (
            <Alert color="red" role="alert">
              {told(failure, way)}
            </Alert>
          )}
          {acts.hasGaps && (
            <Text size="sm" c="red" role="alert">
              Some fields above are missing.
            </Text>
          )}
        </Foot>
      </Stack>
    </form>
  );
}
