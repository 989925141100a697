/** How many entries a list has, below it. Told to whoever cannot see the list change. */
import { Text } from "@mantine/core";
import { count } from "../lib/format.ts";

export function ListCount({ total, one, many }: { total: number; one: string; many?: string }) {
  return (
    <Text component="p" role="status" size="xs" c="dimmed" m="10px 2px 0">
      {count(total, one, many)}
    </Text>
  );
}
