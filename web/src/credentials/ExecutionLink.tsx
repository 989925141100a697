/** The way to an execution. */
import type { ReactNode } from "react";
import { LinkAnchor } from "../ui/links.tsx";

export function ExecutionLink({ id, children }: { id: string; children: ReactNode }) {
  return (
    <LinkAnchor to="/logs/$executionId" params={{ executionId: id }} size="xs" underline="always">
      {children}
    </LinkAnchor>
  );
}
