/** Makes an API key and shows it, this once. */
import { Checkbox, Modal, Select, SimpleGrid, Stack, TagsInput, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { ApiError } from "../api/problem.ts";
import { FormFoot } from "../ui/FormFoot.tsx";
import { ShownOnce } from "../ui/ShownOnce.tsx";
import { KEY_SCOPES, useMakeApiKey } from "./queries.ts";

const DAY_MS = 86_400_000;
const LIVES = [
  { value: "30", label: "30 days" },
  { value: "90", label: "90 days" },
  { value: "365", label: "1 year" },
  { value: "", label: "Never" },
];

export function NewKeyDialog({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<string[]>(["workflows:read", "executions:read"]);
  const [days, setDays] = useState("90");
  const [networks, setNetworks] = useState<string[]>([]);
  const make = useMakeApiKey();
  const wrong = (pointer: string) => (make.error instanceof ApiError ? make.error.field(pointer) : undefined);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const expiresAt = days ? new Date(Date.now() + Number(days) * DAY_MS).toISOString() : null;
    make.mutate({ name: name.trim(), scopes, expiresAt, allowedNetworks: networks });
  };

  if (make.data) {
    return (
      <ShownOnce title="Copy your key now" label="API key" value={make.data.key} onClose={onClose}>
        This is the only time that <strong>{make.data.name}</strong> is shown. Flero keeps a hash of it and
        cannot show it again.
      </ShownOnce>
    );
  }
  return (
    <Modal opened onClose={onClose} title="Generate new API key" size="lg">
      <form onSubmit={submit}>
        <Stack gap="md">
          <TextInput
            label="Name"
            placeholder="Deploy script"
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            error={wrong("/name")}
            required
            withAsterisk={false}
            data-autofocus
          />
          <Checkbox.Group label="What it may do" value={scopes} onChange={setScopes} error={wrong("/scopes")}>
            <SimpleGrid cols={{ base: 1, xs: 2 }} mt={6} spacing={6} verticalSpacing={6}>
              {KEY_SCOPES.map((scope) => (
                <Checkbox key={scope} value={scope} label={<code>{scope}</code>} size="sm" />
              ))}
            </SimpleGrid>
          </Checkbox.Group>
          <Select
            label="Expires after"
            data={LIVES}
            value={days}
            onChange={(next) => setDays(next ?? "")}
            allowDeselect={false}
          />
          <TagsInput
            label="Allowed networks"
            description="It is taken from these alone; leave it empty for everywhere."
            placeholder={networks.length === 0 ? "203.0.113.0/24" : ""}
            value={networks}
            onChange={setNetworks}
            error={wrong("/allowedNetworks")}
            acceptValueOnBlur
            data={[]}
          />
          <FormFoot
            label="Generate"
            error={make.error}
            isPending={make.isPending}
            disabled={scopes.length === 0}
            onCancel={onClose}
          />
        </Stack>
      </form>
    </Modal>
  );
}
