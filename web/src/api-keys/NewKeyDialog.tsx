/** Makes an API key and shows it, this once. */
import { Modal, MultiSelect, Select, SimpleGrid, Stack, TagsInput, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { ApiError } from "../api/problem.ts";
import { FormFoot } from "../ui/FormFoot.tsx";
import { ShownOnce } from "../ui/ShownOnce.tsx";
import { workflowNamesQuery } from "../workflows/queries.ts";
import { useMakeApiKey } from "./queries.ts";
import { ScopesInput } from "./ScopesInput.tsx";

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
  const [workflows, setWorkflows] = useState<string[]>([]);
  const [networks, setNetworks] = useState<string[]>([]);
  const make = useMakeApiKey();
  const { data: names } = useQuery(workflowNamesQuery);
  const wrong = (pointer: string, entries?: readonly string[] | null) =>
    make.error instanceof ApiError ? make.error.list(pointer, entries ?? []) : undefined;

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const expiresAt = days ? new Date(Date.now() + Number(days) * DAY_MS).toISOString() : null;
    const workflowIds = workflows.length > 0 ? workflows : null;
    make.mutate({ name: name.trim(), scopes, workflowIds, expiresAt, allowedNetworks: networks });
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
          <ScopesInput value={scopes} error={wrong("/scopes")} onChange={setScopes} />
          <MultiSelect
            label="For which workflows"
            description="The key sees and runs these alone, and creates none. Leave it empty for all."
            placeholder={workflows.length === 0 ? "All workflows" : undefined}
            searchable
            hidePickedOptions
            data={[...(names ?? [])].map(([id, label]) => ({ value: id, label }))}
            value={workflows}
            onChange={setWorkflows}
            error={wrong("/workflowIds")}
            nothingFoundMessage="No workflow fits."
            maxDropdownHeight={260}
          />
          <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="md">
            <Select
              label="Expires after"
              data={LIVES}
              value={days}
              onChange={(next) => setDays(next ?? "")}
              allowDeselect={false}
            />
            <TagsInput
              label="Allowed networks"
              placeholder={networks.length === 0 ? "Everywhere, or 203.0.113.0/24" : ""}
              value={networks}
              onChange={(next) => {
                setNetworks(next);
                // What was wrong with them was said of the former ones.
                make.reset();
              }}
              error={wrong("/allowedNetworks", make.variables?.allowedNetworks)}
              acceptValueOnBlur
              data={[]}
            />
          </SimpleGrid>
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
