/** One request for a wider scope: what it is about, who would gain the use, and the decision. */
import { Alert, Button, Group, Modal, Stack, Textarea } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useState } from "react";
import { sentence } from "../api/problem.ts";
import { useMe } from "../auth/me.ts";
import { useServiceName } from "../credentials/service/use-service-name.ts";
import { authTypeLabel, scopeLabel } from "../credentials/words.ts";
import { count } from "../lib/format.ts";
import { Ago } from "../ui/Ago.tsx";
import { FormFoot } from "../ui/FormFoot.tsx";
import { notify } from "../ui/notify.ts";
import { ScreenLoader } from "../ui/ScreenLoader.tsx";
import { StatusPill } from "../ui/StatusPill.tsx";
import { requestActs, requestQuery, type ScopeRequestDetail, useRequestAct } from "./queries.ts";
import classes from "./Requests.module.css";
import { MOST_WORDS } from "./words.ts";

/** So many names are listed; the rest is a number. */
const MOST_NAMES = 12;

interface Props {
  id: string;
  onClose: () => void;
}

export function RequestDialog({ id, onClose }: Props) {
  const { data, error } = useQuery(requestQuery(id));
  return (
    <Modal
      opened
      onClose={onClose}
      title={data ? `Use of ${data.credentialName}` : "Request for a wider scope"}
    >
      {error && !data && (
        <Alert color="red" role="alert">
          {sentence(error)}
        </Alert>
      )}
      {!data && !error && <ScreenLoader />}
      {data && <Detail request={data} onClose={onClose} />}
    </Modal>
  );
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </>
  );
}

function Detail({ request, onClose }: { request: ScopeRequestDetail; onClose: () => void }) {
  const me = useMe();
  const service = useServiceName(request.service);
  const { gains } = request;
  const names = gains.slice(0, MOST_NAMES).map(({ userId, name }) => (userId === me.userId ? "You" : name));
  const isOpen = request.status === "open";
  return (
    <Stack gap="md">
      <dl className={classes.facts}>
        <Fact label="Asked by">
          {request.askedBy === me.userId ? "You" : request.askerName}, <Ago at={request.createdAt} />
        </Fact>
        <Fact label="Scope">
          {scopeLabel(request.from)} to <strong>{scopeLabel(request.to)}</strong>
        </Fact>
        <Fact label="Service">
          {service}, {authTypeLabel(request.authType)}
        </Fact>
        <Fact label="Goes to">
          {request.allowedHosts.map((host) => (
            <code key={host}>{host}</code>
          ))}
        </Fact>
        {request.note && <Fact label="Why">{request.note}</Fact>}
        {!isOpen && (
          <Fact label="Decision">
            <StatusPill status={request.status} />{" "}
            {request.deciderName && `by ${request.decidedBy === me.userId ? "you" : request.deciderName}, `}
            {request.decidedAt && <Ago at={request.decidedAt} />}
            {request.reason && <p className={classes.reason}>{request.reason}</p>}
          </Fact>
        )}
      </dl>
      {gains.length > 0 && (
        <Alert color="blue" title={`${count(gains.length, "person", "people")} will be able to use it`}>
          {names.join(", ")}
          {gains.length > names.length && ` and ${gains.length - names.length} more`}. Nobody can read its
          secret.
        </Alert>
      )}
      {request.canDecide && <Decision request={request} onClose={onClose} />}
      {isOpen && request.askedBy === me.userId && <TakeBack request={request} onClose={onClose} />}
    </Stack>
  );
}

function Decision({ request, onClose }: { request: ScopeRequestDetail; onClose: () => void }) {
  const [isRefusing, setIsRefusing] = useState(false);
  const [reason, setReason] = useState("");
  const approve = useRequestAct(requestActs.approve, () => {
    notify.done("Approved", `${request.credentialName} is a ${scopeLabel(request.to)} credential now.`);
    onClose();
  });
  const reject = useRequestAct(requestActs.reject, () => {
    notify.done("Refused", `${request.askerName} is told, with your reason.`);
    onClose();
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    reject.mutate({ id: request.id, reason });
  };
  if (isRefusing) {
    return (
      <form onSubmit={submit}>
        <Stack gap="md">
          <Textarea
            label="Why not"
            description={`${request.askerName} reads it.`}
            required
            withAsterisk={false}
            maxLength={MOST_WORDS}
            autosize
            minRows={2}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
            autoFocus
          />
          <FormFoot
            label="Refuse"
            error={reject.error}
            isPending={reject.isPending}
            disabled={reason.trim() === ""}
            onCancel={() => setIsRefusing(false)}
          />
        </Stack>
      </form>
    );
  }
  return (
    <Stack gap="md">
      {approve.error && (
        <Alert color="red" role="alert">
          {sentence(approve.error)}
        </Alert>
      )}
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={() => setIsRefusing(true)}>
          Refuse
        </Button>
        <Button loading={approve.isPending} onClick={() => approve.mutate(request.id)}>
          Approve
        </Button>
      </Group>
    </Stack>
  );
}

function TakeBack({ request, onClose }: { request: ScopeRequestDetail; onClose: () => void }) {
  const withdraw = useRequestAct(requestActs.withdraw, () => {
    notify.done("Taken back", "Nothing has changed.");
    onClose();
  });
  return (
    <Stack gap="sm">
      {withdraw.error && (
        <Alert color="red" role="alert">
          {sentence(withdraw.error)}
        </Alert>
      )}
      <Group justify="flex-end">
        <Button variant="default" loading={withdraw.isPending} onClick={() => withdraw.mutate(request.id)}>
          Take it back
        </Button>
      </Group>
    </Stack>
  );
}
