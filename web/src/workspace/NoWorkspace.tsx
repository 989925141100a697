/** For whoever is in no workspace, because they left the last one or were removed from it. */
import { Button, Group } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { DoorOpen } from "lucide-react";
import { meQuery, useMe } from "../auth/me.ts";
import { useSignOut } from "../auth/use-sign-out.ts";
import { EmptyState } from "../ui/EmptyState.tsx";

export function NoWorkspace() {
  const me = useMe();
  const signOut = useSignOut();
  const queryClient = useQueryClient();
  return (
    <EmptyState
      isScreen
      icon={<DoorOpen size={20} aria-hidden />}
      title="You are in no workspace"
      text={`Nobody has let ${me.email} into one, or you left it. Ask an admin for an invitation and open its link; you need no new account.`}
      action={
        <Group gap="xs" justify="center">
          <Button onClick={() => void queryClient.invalidateQueries({ queryKey: meQuery.queryKey })}>
            Look again
          </Button>
          <Button variant="default" onClick={() => void signOut()}>
            Sign out
          </Button>
        </Group>
      }
    />
  );
}
