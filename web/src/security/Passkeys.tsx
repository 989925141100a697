/** The passkeys that one has: added, renamed, removed. */
import { Anchor, Button, Group, Modal, Stack, Table, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type { components } from "#api";
import { api, value } from "../api/client.ts";
import { ApiError } from "../api/problem.ts";
import { atLocalhost, passkeyPlace } from "../auth/passkey.ts";
import { Ago } from "../ui/Ago.tsx";
import { DataTable } from "../ui/DataTable.tsx";
import { FormFoot } from "../ui/FormFoot.tsx";
import { FactorRow } from "./FactorRow.tsx";

type Passkey = components["schemas"]["PasskeyBody"];

const TEXTS = {
  here: "Your device knows you by finger, face or PIN. A passkey also signs you in alone, without the password.",
  no: "This browser has no passkeys, or the page is not opened over https under a name.",
};

interface Props {
  passkeys: Passkey[];
  onAdd: () => void;
  onRemove: (name: string, call: () => Promise<unknown>) => void;
}

export function Passkeys({ passkeys, onAdd, onRemove }: Props) {
  const [renamed, setRenamed] = useState<Passkey>();
  const place = passkeyPlace(window.location.hostname);
  return (
    <>
      <FactorRow
        title="Passkeys"
        text={
          place === "localhost" ? (
            <>
              They belong to a name, not to an address.{" "}
              <Anchor href={atLocalhost()} inherit underline="always">
                Open localhost
              </Anchor>{" "}
              to add one.
            </>
          ) : (
            TEXTS[place]
          )
        }
      >
        {place === "here" && (
          <Button variant="default" size="xs" onClick={onAdd}>
            Add a passkey
          </Button>
        )}
      </FactorRow>
      {passkeys.length > 0 && (
        <DataTable label="Passkeys" columns={["Name", "Added", "Last used", ""]}>
          {passkeys.map((passkey) => (
            <Table.Tr key={passkey.id}>
              <Table.Td miw={130} style={{ overflowWrap: "anywhere" }}>
                {passkey.name}
              </Table.Td>
              <Table.Td>
                <Ago at={passkey.createdAt} />
              </Table.Td>
              <Table.Td>
                <Ago at={passkey.lastUsedAt} never="Not yet" />
              </Table.Td>
              <Table.Td>
                <Group gap={4} justify="flex-end" wrap="nowrap">
                  <Button
                    variant="subtle"
                    color="gray"
                    size="compact-xs"
                    aria-label={`Rename ${passkey.name}`}
                    onClick={() => setRenamed(passkey)}
                  >
                    Rename
                  </Button>
                  <Button
                    variant="subtle"
                    color="red"
                    size="compact-xs"
                    aria-label={`Remove ${passkey.name}`}
                    onClick={() =>
                      onRemove(passkey.name, () =>
                        value(api.DELETE("/api/me/passkeys/{id}", { params: { path: { id: passkey.id } } })),
                      )
                    }
                  >
                    Remove
                  </Button>
                </Group>
              </Table.Td>
            </Table.Tr>
          ))}
        </DataTable>
      )}
      {renamed && <RenameDialog passkey={renamed} onClose={() => setRenamed(undefined)} />}
    </>
  );
}

function RenameDialog({ passkey, onClose }: { passkey: Passkey; onClose: () => void }) {
  const [name, setName] = useState(passkey.name);
  const queryClient = useQueryClient();
  const rename = useMutation({
    mutationFn: () =>
      value(api.PATCH("/api/me/passkeys/{id}", { params: { path: { id: passkey.id } }, body: { name } })),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: ["me", "mfa"] });
      onClose();
    },
  });
  // A name that does not do is said at its field, anything else below.
  const wrong = rename.error instanceof ApiError ? rename.error.field("/name") : undefined;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    rename.mutate();
  };
  return (
    <Modal opened onClose={onClose} title="Rename the passkey">
      <form onSubmit={submit}>
        <Stack gap="md">
          <TextInput
            label="Name"
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            error={wrong}
            maxLength={80}
            required
            withAsterisk={false}
            data-autofocus
          />
          <FormFoot
            label="Rename"
            error={wrong ? null : rename.error}
            isPending={rename.isPending}
            onCancel={onClose}
          />
        </Stack>
      </form>
    </Modal>
  );
}
