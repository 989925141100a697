/** What comes after installing: a look at the connector, or a credential for it. */
import { Button, Group, Stack } from "@mantine/core";
import { KeyRound, LayoutGrid } from "lucide-react";
import { LinkButton } from "../ui/links.tsx";
import { Notice } from "../ui/Notice.tsx";
import type { Package } from "./types.ts";

interface Props {
  one: Package;
  version: string;
  onAddCredential: (() => void) | undefined;
}

export function InstalledView({ one, version, onAddCredential }: Props) {
  return (
    <Stack gap="md">
      <Notice tone="good">
        {version} is in the catalog of this workspace, and its nodes are in the editor.
        {one.reach.authentication.length === 0
          ? " It needs no credential."
          : " Next, it needs a credential of its service."}
      </Notice>
      <Group justify="flex-end" gap="xs">
        <LinkButton
          to="/catalog/$service"
          params={{ service: one.id }}
          variant={onAddCredential ? "default" : "filled"}
          leftSection={<LayoutGrid size={14} aria-hidden />}
        >
          Open in catalog
        </LinkButton>
        {onAddCredential && (
          <Button leftSection={<KeyRound size={14} aria-hidden />} onClick={onAddCredential}>
            Add credential
          </Button>
        )}
      </Group>
    </Stack>
  );
}
