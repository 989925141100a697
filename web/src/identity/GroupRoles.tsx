/** What the members of a group are given, whether a provider's claim or the directory names the group. */
import { ActionIcon, Alert, Button, Group, Select, Stack, Text, TextInput } from "@mantine/core";
import { Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { sentence } from "../api/problem.ts";
import { useMe } from "../auth/me.ts";
import { notify } from "../ui/notify.ts";
import classes from "./GroupRoles.module.css";
import { type GroupRole, providerActs, useIdentityAct } from "./queries.ts";
import { ROLE_CHOICES } from "./RulesFields.tsx";

interface Props {
  items: GroupRole[];
  tag: string | null;
  canWrite: boolean;
}

/** A line of the form, with a key of its own while lines come and go. */
type Line = GroupRole & { key: string };

let made = 0;
const lineOf = (item: GroupRole): Line => {
  made += 1;
  return { ...item, key: String(made) };
};

export function GroupRoles({ items, tag, canWrite }: Props) {
  const me = useMe();
  const [lines, setLines] = useState(() => items.map(lineOf));
  const save = useIdentityAct(providerActs.setGroupRoles, () =>
    notify.done("Saved", "It applies from the next sign-in, and at once for the directory's groups."),
  );
  const workspaces = me.workspaces
    .filter(({ organizationId }) => organizationId === me.organizationId)
    .map(({ id, name }) => ({ value: id, label: name }));
  const set = (key: string, change: Partial<GroupRole>) =>
    setLines((before) => before.map((line) => (line.key === key ? { ...line, ...change } : line)));
  const told = lines.map(({ key: _, ...line }) => ({ ...line, group: line.group.trim() }));
  const isChanged = JSON.stringify(told) !== JSON.stringify(items);
  const isWhole = told.every(({ group, workspaceId }) => group && workspaceId);
  return (
    <Stack gap="xs">
      {lines.length === 0 && (
        <Text size="sm">
          No group is given anything yet{canWrite ? "." : ", and only the owner changes that."}
        </Text>
      )}
      {lines.map((line, at) => (
        <div key={line.key} className={classes.line}>
          <TextInput
            label={at === 0 ? "Group" : undefined}
            aria-label={`Group ${at + 1}`}
            size="xs"
            placeholder="Engineering"
            value={line.group}
            readOnly={!canWrite}
            onChange={(event) => set(line.key, { group: event.currentTarget.value })}
          />
          <Select
            label={at === 0 ? "Workspace" : undefined}
            aria-label={`Workspace of group ${at + 1}`}
            size="xs"
            data={workspaces}
            value={line.workspaceId || null}
            readOnly={!canWrite}
            allowDeselect={false}
            onChange={(workspaceId) => workspaceId && set(line.key, { workspaceId })}
          />
          <Select
            label={at === 0 ? "Role" : undefined}
            aria-label={`Role of group ${at + 1}`}
            size="xs"
            data={ROLE_CHOICES}
            value={line.role}
            readOnly={!canWrite}
            allowDeselect={false}
            onChange={(role) => role && set(line.key, { role })}
          />
          {canWrite && (
            <ActionIcon
              variant="subtle"
              color="red"
              aria-label={`Take group ${at + 1} away`}
              onClick={() => setLines((before) => before.filter(({ key }) => key !== line.key))}
            >
              <Trash2 size={15} aria-hidden />
            </ActionIcon>
          )}
        </div>
      ))}
      {save.error && (
        <Alert color="red" role="alert">
          {sentence(save.error)}
        </Alert>
      )}
      {canWrite && (
        <Group justify="space-between">
          <Button
            variant="subtle"
            size="xs"
            leftSection={<Plus size={14} aria-hidden />}
            onClick={() =>
              setLines((before) => [
                ...before,
                lineOf({ group: "", workspaceId: me.workspaceId ?? "", role: "viewer" }),
              ])
            }
          >
            Give a group a role
          </Button>
          {isChanged && (
            <Button
              size="xs"
              loading={save.isPending}
              disabled={!isWhole}
              onClick={() => save.mutate({ items: told, tag })}
            >
              Save
            </Button>
          )}
        </Group>
      )}
    </Stack>
  );
}
