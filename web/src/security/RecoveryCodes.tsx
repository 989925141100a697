/** Recovery codes, which are shown once: to copy, to download, and only then to leave. */
import { Alert, Button, Checkbox, CopyButton, Group, Stack, Text } from "@mantine/core";
import { Check, Copy, Download } from "lucide-react";
import { useState } from "react";
import classes from "./RecoveryCodes.module.css";

/** Hands the codes to the browser as a text file; its address is gone right after. */
function download(codes: string[]): void {
  const text = `Recovery codes for Flero at ${window.location.host}\nEach works once.\n\n${codes.join("\n")}\n`;
  const address = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = "flero-recovery-codes.txt";
  link.click();
  URL.revokeObjectURL(address);
}

export function RecoveryCodes({ codes, onDone }: { codes: string[]; onDone: () => void }) {
  const [isKept, setIsKept] = useState(false);
  return (
    <Stack gap="md">
      <Alert color="yellow" role="status">
        These codes are shown only now. Each of them signs you in once if you lose your device.
      </Alert>
      <ul className={classes.codes} aria-label="Recovery codes">
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <Group gap="xs">
        <CopyButton value={codes.join("\n")} timeout={2_000}>
          {({ copied, copy }) => (
            <Button
              variant="default"
              leftSection={copied ? <Check size={14} aria-hidden /> : <Copy size={14} aria-hidden />}
              onClick={copy}
            >
              {copied ? "Copied" : "Copy all"}
            </Button>
          )}
        </CopyButton>
        <Button
          variant="default"
          leftSection={<Download size={14} aria-hidden />}
          onClick={() => download(codes)}
        >
          Download
        </Button>
      </Group>
      <Text size="sm" c="dimmed">
        Keep them where you keep passwords, not on the device that shows your codes.
      </Text>
      <Checkbox
        label="I have kept these codes"
        checked={isKept}
        onChange={(event) => setIsKept(event.currentTarget.checked)}
      />
      <Group justify="flex-end">
        <Button onClick={onDone} disabled={!isKept}>
          Done
        </Button>
      </Group>
    </Stack>
  );
}
