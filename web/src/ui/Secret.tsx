/** A value that is shown once, with a button that copies it. */
import { Button, CopyButton, Group } from "@mantine/core";
import { Check, Copy } from "lucide-react";
import classes from "./Secret.module.css";

export function Secret({ label, value }: { label: string; value: string }) {
  return (
    <Group gap="xs" wrap="nowrap">
      <input
        className={classes.value}
        readOnly
        aria-label={label}
        value={value}
        onFocus={(event) => event.currentTarget.select()}
      />
      <CopyButton value={value} timeout={2_000}>
        {({ copied, copy }) => (
          <Button
            variant={copied ? "light" : "default"}
            leftSection={copied ? <Check size={14} aria-hidden /> : <Copy size={14} aria-hidden />}
            onClick={copy}
          >
            {copied ? "Copied" : "Copy"}
          </Button>
        )}
      </CopyButton>
    </Group>
  );
}
