/**
 * The secret that a service signs its deliveries with. A person was shown it there and types it here; it is in this
 * form only while it is typed, and nothing ever shows it again. Some services send it to the address instead: then it
 * stands here until it was confirmed there.
 */

import { Button, PasswordInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { api, value } from "../../../api/client.ts";
import { sentence } from "../../../api/problem.ts";
import { notify } from "../../../ui/notify.ts";
import { Secret } from "../../../ui/Secret.tsx";
import { useSession } from "../../session/session.tsx";
import classes from "../Inspector.module.css";
import own from "./Subscription.module.css";

interface Props {
  readonly serviceName: string;
  readonly isSet: boolean;
  /** What was sent to the address as the service's secret. */
  readonly told?: string | undefined;
  readonly onSaved: () => void;
}

/** Keeps a secret; `problem` says why it was not kept. */
function useKeep(serviceName: string, onKept: () => void) {
  const session = useSession();
  const [isBusy, setIsBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const keep = async (secret: string) => {
    setProblem(undefined);
    setIsBusy(true);
    try {
      const params = { path: { id: session.id } };
      await value(api.PUT("/api/workflows/{id}/event/secret", { params, body: { secret } }));
      notify.done("Secret kept", `Deliveries of ${serviceName} are checked with it.`);
      onKept();
    } catch (error) {
      setProblem(sentence(error));
    } finally {
      setIsBusy(false);
    }
  };
  return { isBusy, problem, keep };
}

export function EventSecret({ serviceName, isSet, told, onSaved }: Props) {
  const [isOpen, setIsOpen] = useState(false);
  if (told !== undefined) return <Told serviceName={serviceName} told={told} onSaved={onSaved} />;
  if (isSet && !isOpen) {
    return (
      <div className={own.step}>
        <div className={classes.label}>2. The signing secret is set</div>
        <Button variant="default" size="xs" onClick={() => setIsOpen(true)}>
          Replace it
        </Button>
      </div>
    );
  }
  const kept = () => {
    setIsOpen(false);
    onSaved();
  };
  return <Typed serviceName={serviceName} onSaved={kept} />;
}

type ActProps = Pick<Props, "serviceName" | "onSaved">;

function Typed({ serviceName, onSaved }: ActProps) {
  const [secret, setSecret] = useState("");
  const { isBusy, problem, keep } = useKeep(serviceName, onSaved);
  const save = (event: FormEvent) => {
    event.preventDefault();
    // The field is empty before the answer comes: whatever happens, it holds nothing any more.
    setSecret("");
    void keep(secret);
  };
  return (
    <form className={own.step} onSubmit={save}>
      <PasswordInput
        label={`2. Paste the signing secret that ${serviceName} shows`}
        description="It is sealed in the vault. Until it is there, deliveries are refused."
        autoComplete="new-password"
        spellCheck={false}
        value={secret}
        error={problem}
        onChange={(event) => setSecret(event.currentTarget.value)}
      />
      <Button type="submit" size="xs" mt={8} loading={isBusy} disabled={secret.trim() === ""}>
        Keep it
      </Button>
    </form>
  );
}

/** Whoever knows the address can send something to it, so the service has to say first that this is its own. */
function Told({ serviceName, told, onSaved }: ActProps & { readonly told: string }) {
  const { isBusy, problem, keep } = useKeep(serviceName, onSaved);
  return (
    <section className={own.step} aria-label="Secret that was sent">
      <div className={classes.label}>2. Confirm this secret at {serviceName}</div>
      <p className={own.told}>
        It was sent to the address above. Enter it at {serviceName}; only if it is accepted there, it is
        theirs. It is shown for an hour.
      </p>
      <Secret label="Secret that was sent" value={told} />
      {problem && (
        <p className={classes.error} role="alert">
          {problem}
        </p>
      )}
      <Button size="xs" mt={8} loading={isBusy} onClick={() => void keep(told)}>
        {serviceName} accepted it: keep it
      </Button>
    </section>
  );
}
