/** A cURL command as a node. The secrets in it are dropped by the server and never stored. */

import { Alert, Button, Group, List, Modal, Textarea } from "@mantine/core";
import { useState } from "react";
import { sentence } from "../../api/problem.ts";
import * as commands from "../model/commands.ts";
import type { JsonObject } from "../model/document.ts";
import { importCurl } from "../session/api.ts";
import { useOnlySelected, useSession } from "../session/session.tsx";

type Imported = Awaited<ReturnType<typeof importCurl>>;

/** A cURL command as a node. */
export default function CurlDialog({ onClose }: { onClose: () => void }) {
  const session = useSession();
  const after = useOnlySelected();
  const [command, setCommand] = useState("");
  const [problem, setProblem] = useState<string>();
  const [done, setDone] = useState<Imported>();
  const add = async () => {
    setProblem(undefined);
    try {
      const imported = await importCurl(command);
      const what = { type: imported.node.type, parameters: imported.node.parameters as JsonObject };
      session.store.add({ label: "Import a cURL command" }, (doc) => {
        const last = after ?? doc.nodes.at(-1)?.id ?? "";
        const added = commands.addNodeAfter(doc, last, what);
        return { document: added.document, ids: [added.id] };
      });
      // The command may hold a secret: it is gone from the page as soon as it is read.
      setCommand("");
      if (imported.credentials.length === 0 && imported.notes.length === 0) onClose();
      else setDone(imported);
    } catch (error) {
      setProblem(sentence(error));
    }
  };
  return (
    <Modal opened onClose={onClose} title="Import a cURL command" size="lg">
      {done ? (
        <>
          {done.credentials.length > 0 && (
            <Alert color="teal" title="A credential is needed" mb="sm">
              The command carried a secret. It was not kept. Make a credential of the kind “
              {done.credentials[0]?.authType}” for {done.credentials[0]?.allowedHosts.join(", ")} and choose
              it in the node.
            </Alert>
          )}
          {done.notes.length > 0 && (
            <List size="sm" mb="md">
              {done.notes.map((note) => (
                <List.Item key={note}>{note}</List.Item>
              ))}
            </List>
          )}
          <Group justify="flex-end">
            <Button onClick={onClose}>Go on</Button>
          </Group>
        </>
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void add();
          }}
        >
          <Textarea
            data-autofocus
            label="Command"
            description="As it stands in a service's documentation. Secrets in it are dropped."
            placeholder="curl https://api.example.com/orders -H 'Accept: application/json'"
            autosize
            minRows={6}
            maxRows={16}
            spellCheck={false}
            value={command}
            error={problem}
            onChange={(event) => setCommand(event.currentTarget.value)}
            styles={{ input: { fontFamily: "var(--flero-mono)", fontSize: 12.5 } }}
          />
          <Group justify="flex-end" mt="md">
            <Button type="submit" disabled={command.trim() === ""}>
              Add the node
            </Button>
          </Group>
        </form>
      )}
    </Modal>
  );
}
