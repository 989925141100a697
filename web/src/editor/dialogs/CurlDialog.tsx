/** A cURL command as a node. The secrets in it are dropped by the server and never stored. */

import { Alert, Button, Group, List, Modal, Textarea } from "@mantine/core";
import { useState } from "react";
import { sentence } from "../../api/problem.ts";
import type { Beginning } from "../../credentials/form-state.ts";
import { NewCredential } from "../inspector/NewCredential.tsx";
import * as commands from "../model/commands.ts";
import { type JsonObject, nodeById } from "../model/document.ts";
import { importCurl } from "../session/api.ts";
import { useOnlySelected, useSession } from "../session/session.tsx";

type Imported = Awaited<ReturnType<typeof importCurl>>;

/** What the form for the credential begins with: everything but the secret. */
const beginningOf = (wanted: Imported["credentials"][number]): Beginning => ({
  authType: wanted.authType,
  values: Object.fromEntries(
    Object.entries(wanted.parameters ?? {}).filter(
      (entry): entry is [string, string] => typeof entry[1] === "string",
    ),
  ),
  hosts: wanted.allowedHosts,
});

/** A cURL command as a node. */
export default function CurlDialog({ pasted = "", onClose }: { pasted?: string; onClose: () => void }) {
  const session = useSession();
  const after = useOnlySelected();
  const [command, setCommand] = useState(pasted);
  const [problem, setProblem] = useState<string>();
  const [done, setDone] = useState<Imported & { readonly nodeId: string }>();
  const [isMaking, setIsMaking] = useState(false);
  const add = async () => {
    setProblem(undefined);
    try {
      const imported = await importCurl(command);
      const what = { type: imported.node.type, parameters: imported.node.parameters as JsonObject };
      const [nodeId] = session.store.add({ label: "Import a cURL command" }, (doc) => {
        const last = after ?? doc.nodes.at(-1)?.id ?? "";
        const added = commands.addNodeAfter(doc, last, what);
        return { document: added.document, ids: [added.id] };
      });
      if (nodeId === undefined) return onClose();
      // The command may hold a secret: it is gone from the page as soon as it is read.
      setCommand("");
      if (imported.credentials.length === 0 && imported.notes.length === 0) onClose();
      else setDone({ ...imported, nodeId });
    } catch (error) {
      setProblem(sentence(error));
    }
  };
  const made = done && nodeById(session.store.document, done.nodeId);
  const wanted = done?.credentials[0];
  if (isMaking && made && wanted)
    return <NewCredential node={made} onClose={onClose} beginning={beginningOf(wanted)} />;
  return (
    <Modal opened onClose={onClose} title="Import a cURL command" size="lg">
      {done ? (
        <>
          {done.credentials.length > 0 && (
            <Alert color="teal" title="A credential is needed" mb="sm">
              The command carried a secret, which was not kept. Make a credential for{" "}
              {wanted?.allowedHosts.join(", ")} and type the secret there; the node has it as soon as it is
              saved.
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
            <Button variant={wanted ? "default" : "filled"} onClick={onClose}>
              {wanted ? "Later" : "Go on"}
            </Button>
            {wanted && <Button onClick={() => setIsMaking(true)}>Make the credential</Button>}
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
            description="Paste it from a service's documentation. Secrets in it are dropped."
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
