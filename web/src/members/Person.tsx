/** A person in a list: who it is, and the role that they have. */
import { Select, Table, Text } from "@mantine/core";
import type { ReactNode } from "react";
import type { Member } from "../api/types.ts";
import { useMe } from "../auth/me.ts";

/** Name and address; `children` stand below them. */
export function PersonCell({ person, children }: { person: Member; children?: ReactNode }) {
  const me = useMe();
  return (
    <Table.Td miw={180} style={{ overflowWrap: "anywhere" }}>
      <Text size="sm" fw={560}>
        {person.name}
        {person.userId === me.userId && " (you)"}
      </Text>
      <Text size="xs" c="dimmed">
        {person.email}
      </Text>
      {children}
    </Table.Td>
  );
}

interface RoleProps {
  /** Whose role it is, and of what. */
  label: string;
  role: string;
  choices: readonly { value: string; label: string }[];
  canChange: boolean;
  isPending: boolean;
  onChange: (role: string) => void;
}

/** A role as a choice, or as a word for whoever may not change it. */
export function Role({ label, role, choices, canChange, isPending, onChange }: RoleProps) {
  if (!canChange) return choices.find(({ value }) => value === role)?.label ?? role;
  return (
    <Select
      aria-label={label}
      size="xs"
      w={116}
      data={choices}
      value={role}
      allowDeselect={false}
      disabled={isPending}
      onChange={(next) => next && onChange(next)}
    />
  );
}
