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
    <Group justify="space-between" py="sm" gap="sm">
      <div>
        <Text size="sm" fw={500}>
          {title}
        </Text>
        <Text size="sm" c="dimmed" component="div">
          {text}
        </Text>
      </div>
      <Group gap="xs">{children}</Group>
    </Group>
  );
}
