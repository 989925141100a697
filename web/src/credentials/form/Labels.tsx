/** What is for people: notes, the end, the reminder. Folded, because most credentials need none of it at first. */
import { Group, NumberInput, Textarea, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { MoreSettings } from "../../ui/MoreSettings.tsx";
import type { CredentialForm } from "../form-state.ts";

interface Props {
  form: CredentialForm;
  wrong: (pointer: string) => string | undefined;
  onChange: (change: Partial<CredentialForm>) => void;
}

export function Labels({ form, wrong, onChange }: Props) {
  const [isOpen, { toggle }] = useDisclosure(Boolean(form.notes || form.expiresAt || form.rotateEveryDays));
  return (
    <MoreSettings label="Notes, expiry and rotation" isOpen={isOpen} onToggle={toggle}>
      <Textarea
        label="Notes"
        description="For your team: what it is for, who gave it, where to renew it. No secrets."
        value={form.notes}
        onChange={(event) => onChange({ notes: event.currentTarget.value })}
        error={wrong("/notes")}
        autosize
        minRows={2}
      />
      <Group grow align="flex-start">
        <TextInput
          label="Expires on"
          type="date"
          value={form.expiresAt}
          onChange={(event) => onChange({ expiresAt: event.currentTarget.value })}
          error={wrong("/expiresAt")}
        />
        <NumberInput
          label="Remind to rotate every"
          suffix=" days"
          min={1}
          value={form.rotateEveryDays}
          onChange={(days) => onChange({ rotateEveryDays: String(days) })}
          error={wrong("/rotateEveryDays")}
        />
      </Group>
    </MoreSettings>
  );
}
