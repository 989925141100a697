/** The way to an execution. */
import { Anchor } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

export function ExecutionLink({ id, children }: { id: string; children: ReactNode }) {
  return (
    <Anchor
      component={Link}
      to="/logs/$executionId"
      params={{ executionId: id } as never}
      size="xs"
      underline="always"
    >
      {children}
    </Anchor>
  );
}
