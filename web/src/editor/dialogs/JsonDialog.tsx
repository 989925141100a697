/** The document as JSON: to copy, to save as a file, to see that there is no secret in it. */

import { Alert, Button, CopyButton, Group, Modal } from "@mantine/core";
import { Copy, Download, ShieldCheck } from "lucide-react";
import { saveAsFile, textOf } from "../../workflows/file.ts";
import { useLive } from "../session/live.ts";
import { useDocument, useSession } from "../session/session.tsx";
import classes from "./Dialogs.module.css";

/** The document as JSON. */
export default function JsonDialog({ onClose }: { onClose: () => void }) {
  const document = useDocument();
  const session = useSession();
  const secrets = useLive(
    session.verdict,
    (found) => found.faults.filter((fault) => fault.code === "workflow.pasted_secret").length,
  );
  const text = textOf(document);
  return (
    <Modal opened onClose={onClose} title="The workflow as JSON" size="xl">
      <Alert color={secrets > 0 ? "orange" : "teal"} icon={<ShieldCheck size={16} aria-hidden />} mb="sm">
        {secrets > 0
          ? "Some fields look like a pasted secret. They are marked on the canvas: make each a credential before you share this."
          : "There is no secret in here: a node names its credential by an ID, and the secret never leaves the server."}
      </Alert>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard */}
      <pre className={classes.json} tabIndex={0}>
        {text}
      </pre>
      <Group justify="flex-end" mt="md">
        <CopyButton value={text}>
          {({ copied, copy }) => (
            <Button variant="default" leftSection={<Copy size={14} aria-hidden />} onClick={copy}>
              {copied ? "Copied" : "Copy"}
            </Button>
          )}
        </CopyButton>
        <Button
          variant="default"
          leftSection={<Download size={14} aria-hidden />}
          onClick={() => saveAsFile(document)}
        >
          Save as a file
        </Button>
      </Group>
    </Modal>
  );
}
