/**
 * The secret that a service signs its deliveries with, given by a person who was shown it there. It is in this form
 * only while it is typed, and nothing ever shows it again.
 */

import { Button, PasswordInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { api, value } from "../../../api/client.ts";
import { sentence } from "../../../api/problem.ts";
import { notify } from "../../../ui/notify.ts";
import { useSession } from "../../session/session.tsx";
import classes from "../Inspector.module.css";
import own from "./Subscription.module.css";

interface Props {
  readonly serviceName: string;
  readonly isSet: boolean;
  readonly onSaved: () => void;
}

export function EventSecret({ serviceName, isSet, onSaved }: Props) {
  const session = useSession();
  const [secret, setSecret] = useState("");
  const [isBusy, setIsBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const [isOpen, setIsOpen] = useState(false);
  const save = async (event: FormEvent) => {
    event.preventDefault();
    // The field is empty before the answer comes: whatever happens, it holds nothing any more.
    const given = secret;
    setSecret("");
    setProblem(undefined);
    setIsBusy(true);
    try {
      const params = { path: { id: session.id } };
      await value(api.PUT("/api/workflows/{id}/event/secret", { params, body: { secret: given } }));
      notify.done("Secret kept", `Deliveries of ${serviceName} are checked with it.`);
      setIsOpen(false);
      onSaved();
    } catch (error) {
      setProblem(sentence(error));
    } finally {
      setIsBusy(false);
    }
  };
  if (isSet && !isOpen) {
    return (
      <div className={own.step}>
        <div className={classes.label}>2. The signing secret is set</div>
        <Button variant="default" size="xs" onClick={() => setIsOpen(true)}>
          Give another one
        </Button>
      </div>
    );
  }
  return (
    <form className={own.step} onSubmit={(event) => void save(event)}>
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
