/** The secret headers of a credential: names with values that never come back. */
import { ActionIcon, Button, Group, Input, PasswordInput, Stack, TextInput } from "@mantine/core";
import { Plus, X } from "lucide-react";
import type { HeaderRow } from "../form-state.ts";

interface Props {
  rows: HeaderRow[];
  error?: string | undefined;
  isSet: boolean;
  onChange: (rows: HeaderRow[]) => void;
}

export function HeadersInput({ rows, error, isSet, onChange }: Props) {
  const set = (at: number, change: Partial<HeaderRow>) =>
    onChange(rows.map((row, index) => (index === at ? { ...row, ...change } : row)));
  return (
    <Input.Wrapper
      label="Headers"
      description={
        isSet ? "They are set. Leave them empty to keep them; what you type replaces them all." : undefined
      }
      error={error}
      labelElement="div"
    >
      <Stack gap={6} mt={4}>
        {rows.map((row, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a row has no other identity while its name is typed
          <Group key={at} gap={6} wrap="nowrap">
            <TextInput
              aria-label={`Name of header ${at + 1}`}
              placeholder="X-Api-Key"
              value={row.name}
              onChange={(event) => set(at, { name: event.currentTarget.value })}
              w="40%"
            />
            <PasswordInput
              aria-label={`Value of header ${at + 1}`}
              placeholder="Value"
              value={row.value}
              onChange={(event) => set(at, { value: event.currentTarget.value })}
              autoComplete="new-password"
              flex={1}
            />
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={`Remove header ${at + 1}`}
              disabled={rows.length === 1}
              onClick={() => onChange(rows.filter((_, index) => index !== at))}
            >
              <X size={14} aria-hidden />
            </ActionIcon>
          </Group>
        ))}
        <Button
          variant="subtle"
          size="compact-xs"
          leftSection={<Plus size={12} aria-hidden />}
          onClick={() => onChange([...rows, { name: "", value: "" }])}
          style={{ alignSelf: "start" }}
        >
          Another header
        </Button>
      </Stack>
    </Input.Wrapper>
  );
}
