/** Makes a connector of an OpenAPI description: by address, from a file, or pasted. Then it tells what came of it. */
import { Alert, FileInput, Modal, SegmentedControl, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { FileText } from "lucide-react";
import { type FormEvent, useState } from "react";
import { ApiError } from "../api/problem.ts";
import { FormFoot } from "../ui/FormFoot.tsx";
import { ImportReport } from "./ImportReport.tsx";
import { type ImportSource, importConnector } from "./queries.ts";

type Way = "url" | "file" | "text";

export default function ImportDialog({ onClose }: { onClose: () => void }) {
  const queryClient = useQueryClient();
  const [way, setWay] = useState<Way>("url");
  const [url, setUrl] = useState("");
  const [text, setText] = useState("");
  const [file, setFile] = useState<File | null>(null);
  const [gap, setGap] = useState("");
  const run = useMutation({
    mutationFn: async (): Promise<Awaited<ReturnType<typeof importConnector>>> => {
      const source: ImportSource =
        way === "url" ? { url: url.trim() } : { text: way === "file" && file ? await file.text() : text };
      return importConnector(source);
    },
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ["connectors"] }),
  });
  const isGiven = { url: url.trim() !== "", file: file !== null, text: text.trim() !== "" }[way];
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!isGiven) {
      setGap(
        way === "file" ? "Choose a file." : way === "url" ? "Give an address." : "Paste the description.",
      );
      return;
    }
    setGap("");
    run.mutate();
  };
  if (run.data) {
    return (
      <Modal opened onClose={onClose} title={`${run.data.connector.name} was imported`} size={600}>
        <ImportReport result={run.data} onClose={onClose} onMore={() => run.reset()} />
      </Modal>
    );
  }
  const told = run.error instanceof ApiError ? (run.error.field("/url") ?? run.error.field("")) : undefined;
  return (
    <Modal opened onClose={onClose} title="Import a description" size={600} closeOnClickOutside={false}>
      <form onSubmit={submit} noValidate>
        <Stack gap="md">
          <Text size="sm" c="dimmed">
            An OpenAPI document (3.2, 3.1, 3.0 or 2.0, as JSON or YAML) becomes a connector of this workspace:
            its operations with their fields, and the ways to authenticate. Importing it again renews it.
          </Text>
          <SegmentedControl
            aria-label="Where the description is"
            value={way}
            onChange={(next) => {
              setWay(next as Way);
              setGap("");
              run.reset();
            }}
            data={[
              { value: "url", label: "Address" },
              { value: "file", label: "File" },
              { value: "text", label: "Paste" },
            ]}
          />
          {way === "url" && (
            <TextInput
              label="Address"
              description="The server fetches it, without any credential."
              placeholder="https://api.example.com/openapi.json"
              type="url"
              value={url}
              onChange={(event) => setUrl(event.currentTarget.value)}
              error={gap || undefined}
              data-autofocus
            />
          )}
          {way === "file" && (
            <FileInput
              label="File"
              placeholder="Choose a JSON or YAML file"
              accept=".json,.yaml,.yml,application/json"
              leftSection={<FileText size={15} aria-hidden />}
              clearable
              value={file}
              onChange={setFile}
              error={gap || undefined}
            />
          )}
          {way === "text" && (
            <Textarea
              label="Description"
              placeholder={'{ "openapi": "3.1.0", … }'}
              autosize
              minRows={8}
              maxRows={16}
              spellCheck={false}
              value={text}
              onChange={(event) => setText(event.currentTarget.value)}
              error={gap || undefined}
              styles={{ input: { fontFamily: "var(--flero-mono)", fontSize: "0.75rem" } }}
            />
          )}
          {told && (
            <Alert color="red" role="alert" title="It was not imported">
              {told}
            </Alert>
          )}
          <FormFoot
            label="Import"
            error={told ? null : run.error}
            errorTitle="It was not imported"
            isPending={run.isPending}
            onCancel={onClose}
          />
        </Stack>
      </form>
    </Modal>
  );
}
