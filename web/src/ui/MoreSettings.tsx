/** What most people need not look at, folded behind a button that says what is there. */
import { Button, Collapse, Stack } from "@mantine/core";
import { ChevronDown, ChevronUp } from "lucide-react";
import type { ReactNode } from "react";

interface Props {
  isOpen: boolean;
  onToggle: () => void;
  label?: string;
  children: ReactNode;
}

export function MoreSettings({ isOpen, onToggle, label = "More settings", children }: Props) {
  return (
    <>
      <Button
        variant="subtle"
        color="gray"
        size="compact-sm"
        onClick={onToggle}
        aria-expanded={isOpen}
        rightSection={isOpen ? <ChevronUp size={14} aria-hidden /> : <ChevronDown size={14} aria-hidden />}
        style={{ alignSelf: "start" }}
      >
        {label}
      </Button>
      <Collapse expanded={isOpen}>
        <Stack gap="md">{children}</Stack>
      </Collapse>
    </>
  );
}
