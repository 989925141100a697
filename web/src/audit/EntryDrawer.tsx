/** One record of the audit log, whole. */
import { Button, CopyButton, Drawer, Group, Stack } from "@mantine/core";
import { Check, Copy, Filter } from "lucide-react";
import type { ReactNode } from "react";
import type { AuditEntry } from "../api/types.ts";
import { formatDateTime } from "../lib/format.ts";
import { Ago } from "../ui/Ago.tsx";
import classes from "./Audit.module.css";
import type { AuditSearch } from "./filter.ts";
import { ObjectLink } from "./ObjectLink.tsx";
import { actionLabel, actorLabel, detailPairs, isObjectId, type NameOf } from "./words.ts";

interface Props {
  entry: AuditEntry;
  nameOf: NameOf;
  onFilter: (filter: AuditSearch) => void;
  onClose: () => void;
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className={classes.fact}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

export function EntryDrawer({ entry, nameOf, onFilter, onClose }: Props) {
  const { actor } = entry;
  const user = actor.kind === "system" ? undefined : actor.user;
  return (
    <Drawer opened onClose={onClose} title={actionLabel(entry.action)} size="md">
      <Stack gap="lg">
        <dl className={classes.facts}>
          <Fact name="When">
            {formatDateTime(entry.at)} (<Ago at={entry.at} />)
          </Fact>
          <Fact name="Who">{actorLabel(actor, nameOf)}</Fact>
          {user && user !== nameOf(user) && (
            <Fact name="Person">
              <code>{user}</code>
            </Fact>
          )}
          {actor.kind === "apiKey" && (
            <Fact name="API key">
              <ObjectLink id={actor.key} />
            </Fact>
          )}
          {actor.kind === "run" && (
            <Fact name="Execution">
              <ObjectLink id={actor.execution} />
            </Fact>
          )}
          <Fact name="Action">
            <code>{entry.action}</code>
          </Fact>
          <Fact name="Object">
            <ObjectLink id={entry.target} />
          </Fact>
          {detailPairs(entry.detail).map(([name, text]) => (
            <Fact key={name} name={name}>
              {isObjectId(text) ? <ObjectLink id={text} /> : text}
            </Fact>
          ))}
          <Fact name="Place in the chain">{entry.id.toLocaleString()}</Fact>
        </dl>
        <Group gap="xs">
          <Button
            variant="default"
            size="xs"
            leftSection={<Filter size={13} aria-hidden />}
            onClick={() => onFilter({ object: entry.target })}
          >
            All of this object
          </Button>
          {user && (
            <Button
              variant="default"
              size="xs"
              leftSection={<Filter size={13} aria-hidden />}
              onClick={() => onFilter({ actor: user })}
            >
              All of this person
            </Button>
          )}
          <CopyButton value={JSON.stringify(entry, null, 2)} timeout={2_000}>
            {({ copied, copy }) => (
              <Button
                variant="default"
                size="xs"
                leftSection={copied ? <Check size={13} aria-hidden /> : <Copy size={13} aria-hidden />}
                onClick={copy}
              >
                {copied ? "Copied" : "Copy as JSON"}
              </Button>
            )}
          </CopyButton>
        </Group>
      </Stack>
    </Drawer>
  );
}
