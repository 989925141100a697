/** Adds a registry: its name, where it is, and the root that says who may sign for it. */
import { FileInput, Modal, SegmentedControl, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { FileText } from "lucide-react";
import { type FormEvent, useState } from "react";
import { ApiError, reason } from "../../api/problem.ts";
import { formatDate } from "../../lib/format.ts";
import { FormFoot } from "../../ui/FormFoot.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { notify } from "../../ui/notify.ts";
import { marketplaceActs, useMarketplaceAct } from "../queries.ts";
import { type Root, readRoot } from "../root.ts";

/** What a root says, so that it can be compared with what its publisher said. */
function RootFacts({ root }: { root: Exclude<Root, { fault: string }> }) {
  const until = Number.isNaN(Date.parse(root.expires)) ? root.expires : formatDate(root.expires);
  return (
    <Notice tone="good">
      Version {root.version} of the root, valid until {until}. {root.threshold} of {root.keys}{" "}
      {root.keys === 1 ? "key has" : "keys have"} to sign.
    </Notice>
  );
}

export function AddRegistryDialog({ onClose }: { onClose: () => void }) {
  const act = useMarketplaceAct(marketplaceActs.addRegistry);
  const [name, setName] = useState("");
  const [url, setUrl] = useState("");
  const [way, setWay] = useState<"file" | "text">("file");
  const [file, setFile] = useState<File | null>(null);
  const [text, setText] = useState("");
  const [hasTried, setHasTried] = useState(false);
  const root = text.trim() === "" ? undefined : readRoot(text);
  const fault = root && "fault" in root ? root.fault : undefined;
  const wrong = (pointer: string) => (act.error instanceof ApiError ? act.error.field(pointer) : undefined);
  const choose = async (chosen: File | null) => {
    setFile(chosen);
    setText(chosen ? await chosen.text() : "");
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setHasTried(true);
    if (!name.trim() || !url.trim() || !root || "fault" in root) return;
    act.mutate(
      { name: name.trim(), url: url.trim(), root: root.root },
      {
        onSuccess: (added) => {
          notify.done("Added", `Packages of ${added.name} can be installed now.`);
          onClose();
        },
      },
    );
  };
  const rootError =
    fault ?? wrong("/root") ?? (hasTried && !root ? "Give the registry's root.json." : undefined);
  const isTold = wrong("/name") || wrong("/url") || wrong("/root");
  return (
    <Modal opened onClose={onClose} title="Add a registry" size={600} closeOnClickOutside={false}>
      <form onSubmit={submit} noValidate>
        <Stack gap="md">
          <Text size="sm">
            Whoever holds the registry's keys decides what it offers. Add it only if you trust them with what
            your workspaces agree to.
          </Text>
          <TextInput
            label="Name"
            placeholder="Analytical Engines"
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            error={wrong("/name") ?? (hasTried && !name.trim() ? "Give it a name." : undefined)}
            data-autofocus
          />
          <TextInput
            label="Address"
            description="The folder that holds metadata/ and targets/."
            placeholder="https://packages.example.com/flero/"
            type="url"
            value={url}
            onChange={(event) => setUrl(event.currentTarget.value)}
            error={wrong("/url") ?? (hasTried && !url.trim() ? "Give its address." : undefined)}
          />
          <SegmentedControl
            aria-label="How the root is given"
            value={way}
            onChange={(next) => {
              setWay(next as "file" | "text");
              setFile(null);
              setText("");
            }}
            data={[
              { value: "file", label: "root.json as a file" },
              { value: "text", label: "Paste it" },
            ]}
          />
          {way === "file" ? (
            <FileInput
              label="Root"
              description="Get it from the publisher by another way than this address, so that nobody in between can exchange both."
              placeholder="Choose root.json"
              accept=".json,application/json"
              leftSection={<FileText size={15} aria-hidden />}
              clearable
              value={file}
              onChange={(chosen) => void choose(chosen)}
              error={rootError}
            />
          ) : (
            <Textarea
              label="Root"
              description="Get it from the publisher by another way than this address, so that nobody in between can exchange both."
              placeholder={'{ "signed": { "_type": "root", … }, "signatures": [ … ] }'}
              autosize
              minRows={6}
              maxRows={12}
              spellCheck={false}
              value={text}
              onChange={(event) => setText(event.currentTarget.value)}
              error={rootError}
              styles={{ input: { fontFamily: "var(--flero-mono)", fontSize: "0.75rem" } }}
            />
          )}
          {root && "root" in root && <RootFacts root={root} />}
          <FormFoot
            label="Add registry"
            error={isTold ? null : act.error}
            told={reason(act.error)}
            isPending={act.isPending}
            onCancel={onClose}
          />
        </Stack>
      </form>
    </Modal>
  );
}
