/** A secret that was just made. It is shown this once, and a click beside the dialog must not lose it. */
import { Button, Modal, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { Secret } from "./Secret.tsx";

interface Props {
  title: string;
  /** What the value is, for those who cannot see it. */
  label: string;
  value: string;
  /** What it is for, and that it is not shown again. */
  children: ReactNode;
  onClose: () => void;
}

export function ShownOnce({ title, label, value, children, onClose }: Props) {
  return (
    <Modal opened onClose={onClose} title={title} closeOnClickOutside={false} size="lg">
      <Stack gap="md">
        <Text size="sm" style={{ overflowWrap: "anywhere" }}>
          {children}
        </Text>
        <Secret label={label} value={value} />
        <Button onClick={onClose} style={{ alignSelf: "end" }}>
          I have copied it
        </Button>
      </Stack>
    </Modal>
  );
}
