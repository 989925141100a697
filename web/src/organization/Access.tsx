/** Shutting somebody out of the organization, letting them in again, opening a closed account, and removing them for good. */
import { Button, Group, Text } from "@mantine/core";
import { sentence } from "../api/problem.ts";
import type { Member } from "../api/types.ts";
import { WhatGoes } from "../security/DeleteAccount.tsx";
import { ConfirmDialog } from "../ui/ConfirmDialog.tsx";
import { notify } from "../ui/notify.ts";
import { organizationActs, useOrganizationAct } from "./queries.ts";

interface AccessProps {
  member: Member;
  onShutOut: () => void;
  onRemove: () => void;
}

/** Letting somebody in again is not asked about: nothing is lost by it. */
export function Access({ member, onShutOut, onRemove }: AccessProps) {
  const reactivate = useOrganizationAct(organizationActs.reactivate, () =>
    notify.done("Reactivated", `${member.name} has their roles again.`),
  );
  const unlock = useOrganizationAct(organizationActs.unlock, () =>
    notify.done("Unlocked", `${member.name} can try to sign in again at once.`),
  );
  return (
    <Group gap={4} wrap="nowrap" justify="flex-end">
      {member.deactivatedAt ? (
        <Button
          variant="subtle"
          size="compact-xs"
          aria-label={`Reactivate ${member.name}`}
          loading={reactivate.isPending}
          onClick={() =>
            reactivate.mutate(member.userId, {
              onError: (error) => notify.failed("Not reactivated", sentence(error)),
            })
          }
        >
          Reactivate
        </Button>
      ) : (
        <>
          <Button
            variant="subtle"
            color="gray"
            size="compact-xs"
            aria-label={`Unlock ${member.name}`}
            title="Forgets failed attempts to sign in"
            loading={unlock.isPending}
            onClick={() =>
              unlock.mutate(member.userId, {
                onError: (error) => notify.failed("Not unlocked", sentence(error)),
              })
            }
          >
            Unlock
          </Button>
          <Button
            variant="subtle"
            color="gray"
            size="compact-xs"
            aria-label={`Deactivate ${member.name}`}
            onClick={onShutOut}
          >
            Deactivate
          </Button>
        </>
      )}
      <Button
        variant="subtle"
        color="red"
        size="compact-xs"
        aria-label={`Remove ${member.name} for good`}
        onClick={onRemove}
      >
        Remove
      </Button>
    </Group>
  );
}

interface DialogProps {
  member: Member;
  onClose: () => void;
}

export function ShutOutDialog({ member, onClose }: DialogProps) {
  const deactivate = useOrganizationAct(organizationActs.deactivate, () => {
    notify.done("Deactivated", `${member.name} has no access to the organization any more.`);
    onClose();
  });
  return (
    <ConfirmDialog
      title={`Deactivate ${member.name}?`}
      label="Deactivate"
      error={deactivate.error}
      isPending={deactivate.isPending}
      onConfirm={() => deactivate.mutate(member.userId)}
      onClose={onClose}
    >
      <Text size="sm">
        Their sessions end, their API keys are refused, and nothing uses their Personal credentials. What they
        have is kept, and is theirs again once you reactivate them.
      </Text>
    </ConfirmDialog>
  );
}

export function RemoveDialog({ member, onClose }: DialogProps) {
  const { userId, name, email } = member;
  const remove = useOrganizationAct(organizationActs.remove, () => {
    notify.done("Removed", `${name} is no longer in the organization.`);
    onClose();
  });
  return (
    <ConfirmDialog
      title={`Remove ${name} for good?`}
      label="Remove"
      typed={email}
      error={remove.error}
      isPending={remove.isPending}
      onConfirm={(confirm) => remove.mutate({ userId, confirm })}
      onClose={onClose}
    >
      <Text size="sm">
        They leave the organization and all of its workspaces. Whoever belongs to no other organization has no
        account afterwards. To keep what they have, deactivate them instead.
      </Text>
      <WhatGoes />
    </ConfirmDialog>
  );
}
