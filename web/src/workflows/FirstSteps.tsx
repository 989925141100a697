/** What an empty workspace offers: the three steps to a first green run, with what is done already ticked. */
import { Group } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Check, Workflow } from "lucide-react";
import { useCan } from "../auth/me.ts";
import { credentialsQuery } from "../credentials/queries.ts";
import { EmptyState } from "../ui/EmptyState.tsx";
import { LinkButton } from "../ui/links.tsx";
import classes from "./FirstSteps.module.css";
import { NewWorkflow } from "./NewWorkflow.tsx";
import { ConnectPractice, NoAccount, usePracticeOffer } from "./NoAccount.tsx";

export function FirstSteps() {
  const canMake = useCan("workflows.create");
  return canMake ? <Steps /> : <NothingYet />;
}

/** For whoever looks on. Steps that they may not take would lead nowhere. */
function NothingYet() {
  return (
    <EmptyState
      icon={<Workflow size={20} aria-hidden />}
      title="No workflow yet"
      text="Once somebody has built one, you see it here, with its runs."
      action={
        <LinkButton to="/docs" variant="default">
          Read the guide
        </LinkButton>
      }
    />
  );
}

function Steps() {
  const { data } = useInfiniteQuery(credentialsQuery({}));
  const practice = usePracticeOffer();
  const hasCredential = (data?.pages[0]?.total ?? 0) > 0;
  const steps = [
    {
      title: "Connect your first service",
      text: "Save an API key, a password or an OAuth app once. It is encrypted, and only ever sent to the hosts that you name.",
      isDone: hasCredential,
      action: (
        <Group gap="xs">
          <ConnectPractice variant={hasCredential ? "default" : "filled"} />
          <LinkButton
            to="/settings/credentials"
            search={hasCredential ? {} : { add: "" }}
            variant={hasCredential || practice ? "default" : "filled"}
            size="xs"
          >
            {hasCredential ? "See credentials" : "Add a credential"}
          </LinkButton>
        </Group>
      ),
    },
    {
      title: "Build a workflow",
      text: "Chain steps: a trigger, a call to the service with your credential, a decision, an answer.",
      isDone: false,
      action: <NewWorkflow size="xs" variant={hasCredential ? "filled" : "default"} />,
    },
    {
      title: "Run it and look inside",
      text: "Every step shows what went in, what came out and how long it took. No secret is in any of it.",
      isDone: false,
      action: (
        <LinkButton to="/docs" variant="default" size="xs">
          Read the guide
        </LinkButton>
      ),
    },
  ];
  return (
    <>
      <ol className={classes.steps}>
        {steps.map(({ title, text, isDone, action }, at) => (
          <li key={title} className={classes.step}>
            <span className={classes.number} data-done={isDone || undefined}>
              {isDone ? <Check size={14} aria-label="Done" /> : at + 1}
            </span>
            <div>
              <h2 className={classes.title}>{title}</h2>
              <p className={classes.text}>{text}</p>
              {action}
            </div>
          </li>
        ))}
      </ol>
      <NoAccount />
    </>
  );
}
