/** In the dialog of a credential's scope, for whoever has to ask: why, and what the request shows to whom. */
import { Alert, Button, Text, Textarea } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import type { Credential } from "../api/types.ts";
import { useMe } from "../auth/me.ts";
import { scopeLabel } from "../credentials/words.ts";
import { Ago } from "../ui/Ago.tsx";
import { notify } from "../ui/notify.ts";
import { requestActs, requestsQuery, useRequestAct } from "./queries.ts";
import { MOST_WORDS, whoDecides } from "./words.ts";

interface Props {
  credential: Credential;
  scope: string;
  note: string;
  onNote: (note: string) => void;
}

export function AskForScope({ credential, scope, note, onNote }: Props) {
  return (
    <>
      <Text size="sm">
        {whoDecides(scope)} decides, and nothing changes until then.
        {credential.scope === "personal" &&
          " The request shows them the name, the service and the hosts of this credential; nobody sees its secret."}
      </Text>
      <Textarea
        label="Why"
        description="The admins who decide will read it."
        placeholder="The nightly report should run for all of us."
        maxLength={MOST_WORDS}
        autosize
        minRows={2}
        value={note}
        onChange={(event) => onNote(event.currentTarget.value)}
      />
    </>
  );
}

/** One's own request that still waits, with the way to take it back. */
export function WaitingRequest({ credential }: { credential: Credential }) {
  const me = useMe();
  const { data } = useInfiniteQuery(requestsQuery({ status: "open", credentialId: credential.id }));
  const own = data?.pages.flatMap((page) => page.items).find(({ askedBy }) => askedBy === me.userId);
  const withdraw = useRequestAct(requestActs.withdraw, () =>
    notify.done("Taken back", "Nothing has changed."),
  );
  if (!own) return null;
  return (
    <Alert color="blue" title={`You asked for ${scopeLabel(own.to)}`}>
      <Text size="sm" mb="xs">
        Since <Ago at={own.createdAt} />. {whoDecides(own.to)} has not decided yet.
      </Text>
      <Button
        size="xs"
        variant="default"
        loading={withdraw.isPending}
        onClick={() => withdraw.mutate(own.id)}
      >
        Take it back
      </Button>
    </Alert>
  );
}
