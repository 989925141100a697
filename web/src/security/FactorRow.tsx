/** One kind of factor: what it is, and what can be done with it. */
import { Group, Text } from "@mantine/core";
import type { ReactNode } from "react";

export function FactorRow({
  title,
  text,
  children,
}: {
  title: string;
  text: ReactNode;
  children?: ReactNode;
}) {
  return (
    <Group justify="space-between" py="sm" gap="md" wrap="nowrap">
      <div style={{ minWidth: 0 }}>
        <Text size="sm" fw={500}>
          {title}
        </Text>
        <Text size="sm" c="dimmed" component="div">
          {text}
        </Text>
      </div>
      <Group gap="xs" justify="flex-end" style={{ flex: "none" }} maw="55%">
        {children}
      </Group>
    </Group>
  );
}
