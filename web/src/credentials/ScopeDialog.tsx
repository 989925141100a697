/** Changes who can use a credential. Before anything happens it says who gains its use and what stops working. */
import { Alert, List, Loader, Modal, Stack, Text } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type { Credential, ScopeEffect } from "../api/types.ts";
import { useMe } from "../auth/me.ts";
import { useStepUp } from "../auth/step-up.tsx";
import { count } from "../lib/format.ts";
import { AskForScope, WaitingRequest } from "../scope-requests/AskForScope.tsx";
import { mustAsk, whoDecides } from "../scope-requests/words.ts";
import { FormFoot } from "../ui/FormFoot.tsx";
import { notify } from "../ui/notify.ts";
import { WorkflowLink } from "../ui/WorkflowLink.tsx";
import { ChoiceCards } from "./ChoiceCards.tsx";
import { credentialActs, scopePreviewQuery, useCredentialAct } from "./queries.ts";
import { SCOPES, scopeLabel } from "./words.ts";

/** So many names are listed; the rest is a number. */
const MOST_NAMES = 12;

function Effect({ effect }: { effect: ScopeEffect }) {
  const me = useMe();
  const { breaks, breaksElsewhere } = effect;
  const gains = effect.gains.filter((gainer) => gainer.userId !== me.userId);
  const isNarrower = breaks.length > 0 || breaksElsewhere > 0;
  return (
    <Stack gap="sm">
      {gains.length > 0 && (
        <Alert color="blue" title={`${count(gains.length, "person", "people")} will be able to use it`}>
          {gains
            .slice(0, MOST_NAMES)
            .map((gainer) => gainer.name)
            .join(", ")}
          {gains.length > MOST_NAMES && ` and ${gains.length - MOST_NAMES} more`}. Nobody can read its secret.
        </Alert>
      )}
      {isNarrower && (
        <Alert
          color="orange"
          title={`${count(breaks.length + breaksElsewhere, "workflow")} may stop working`}
        >
          <List size="sm">
            {breaks.map((workflow) => (
              <List.Item key={workflow.workflowId}>
                <WorkflowLink id={workflow.workflowId} name={workflow.name} inherit underline="always" />
              </List.Item>
            ))}
            {breaksElsewhere > 0 && (
              <List.Item>{count(breaksElsewhere, "workflow")} in other workspaces</List.Item>
            )}
          </List>
        </Alert>
      )}
      {!isNarrower && gains.length === 0 && (
        <Text size="sm" c="dimmed">
          Nobody else gains its use, and no workflow stops working.
        </Text>
      )}
    </Stack>
  );
}

export function ScopeDialog({ credential, onClose }: { credential: Credential; onClose: () => void }) {
  const [scope, setScope] = useState<string>(credential.scope);
  const [note, setNote] = useState("");
  const me = useMe();
  const stepUp = useStepUp();
  const queryClient = useQueryClient();
  const asks = mustAsk(me.permissions, credential.scope, scope);
  const canAsk = me.permissions.includes("credentials.askScope");
  const isSame = scope === credential.scope;
  const preview = useQuery({ ...scopePreviewQuery(credential.id, scope), enabled: !isSame });
  const change = useCredentialAct(
    (to: string) =>
      stepUp(() =>
        credentialActs.rescope({ id: credential.id, scope: to, ...(asks && note ? { note } : {}) }),
      ),
    (answer) => {
      // Who must ask is the server's to say: it answers with the request that it made.
      if ("askedBy" in answer)
        notify.done("Asked", `${whoDecides(scope)} decides. You are notified of the outcome.`);
      else notify.done("Scope changed", `${credential.name} is a ${scopeLabel(scope)} credential now.`);
      void queryClient.invalidateQueries({ queryKey: ["scope-requests"] });
      onClose();
    },
  );
  const failure = change.error ?? (isSame ? null : preview.error);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate(scope);
  };
  return (
    <Modal opened onClose={onClose} title={`Scope of ${credential.name}`}>
      <form onSubmit={submit}>
        <Stack gap="md">
          <ChoiceCards
            label="Who can use it"
            columns={1}
            value={scope}
            options={SCOPES}
            onChange={(next) => {
              change.reset();
              setScope(next);
            }}
          />
          <div aria-live="polite">
            {!isSame && preview.isPending && <Loader size="xs" aria-label="Looking at what would change" />}
            {!isSame && preview.data && <Effect effect={preview.data} />}
          </div>
          {canAsk && isSame && <WaitingRequest credential={credential} />}
          {asks && <AskForScope credential={credential} scope={scope} note={note} onNote={setNote} />}
          <FormFoot
            label={asks ? "Ask" : "Change"}
            error={failure}
            isPending={change.isPending}
            disabled={isSame || !preview.data}
            onCancel={onClose}
          />
        </Stack>
      </form>
    </Modal>
  );
}
