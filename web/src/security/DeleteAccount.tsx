/** Settings -> Security: the end of one's own account, with what goes and what stays said before it happens. */
import { Button, List, Text, Title } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { api, value } from "../api/client.ts";
import { useMe } from "../auth/me.ts";
import { useStepUp } from "../auth/step-up.tsx";
import { forgetWorkspace } from "../auth/workspace.ts";
import { ConfirmDialog } from "../ui/ConfirmDialog.tsx";
import { notify } from "../ui/notify.ts";

export function DeleteAccount() {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <section>
      <Title order={2}>Delete your account</Title>
      <Text size="sm" c="dimmed" mb="xs">
        This cannot be undone. If you are the only owner of a workspace or of the organization, transfer it
        first.
      </Text>
      <Button variant="light" color="red" onClick={() => setIsOpen(true)}>
        Delete my account
      </Button>
      {isOpen && <DeleteDialog onClose={() => setIsOpen(false)} />}
    </section>
  );
}

function DeleteDialog({ onClose }: { onClose: () => void }) {
  const { email } = useMe();
  const guard = useStepUp();
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const remove = useMutation({
    mutationFn: (confirm: string) =>
      guard(() => value(api.DELETE("/api/me", { params: { query: { confirm } } }))),
    gcTime: 0,
    onSuccess: async () => {
      forgetWorkspace();
      await navigate({ to: "/login" });
      queryClient.clear();
      notify.done("Deleted", "Your account is gone, and everything that was yours alone.");
    },
  });
  return (
    <ConfirmDialog
      title="Delete your account?"
      label="Delete my account"
      typed={email}
      error={remove.error}
      isPending={remove.isPending}
      onConfirm={(confirm) => remove.mutate(confirm)}
      onClose={onClose}
    >
      <WhatGoes isOwn />
    </ConfirmDialog>
  );
}

/** What goes with an account and what stays, of one's own or of somebody else. */
export function WhatGoes({ isOwn = false }: { isOwn?: boolean }) {
  const whose = isOwn ? "Your" : "Their";
  return (
    <List size="sm" spacing={4}>
      <List.Item>
        {whose} Personal credentials are destroyed with their secrets, and what services granted is revoked.
      </List.Item>
      <List.Item>{whose} sessions end, and API keys, factors and notifications go.</List.Item>
      <List.Item>
        Workflows, runs, and the credentials of workspaces and of the organization stay as they are.
      </List.Item>
      <List.Item>
        The audit log keeps what was done, under an identifier that leads to no person any more.
      </List.Item>
    </List>
  );
}
