/** Makes a workflow of a file, or of the text of one. */
import { Button, FileButton, Group, Modal, Stack, Text, Textarea } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { FileUp } from "lucide-react";
import { type FormEvent, useState } from "react";
import { reason } from "../api/problem.ts";
import { DocumentError } from "../editor/model/document.ts";
import { FormFoot } from "../ui/FormFoot.tsx";
import { notify } from "../ui/notify.ts";
import { documentIn, makeWorkflow } from "./file.ts";

export default function ImportDialog({ onClose }: { onClose: () => void }) {
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const [text, setText] = useState("");
  const run = useMutation({
    mutationFn: async () => makeWorkflow(documentIn(text)),
    onSuccess: async ({ id, withoutCredential }) => {
      await queryClient.invalidateQueries({ queryKey: ["workflows", "list"] });
      if (withoutCredential.length > 0)
        notify.failed(
          "Choose credentials",
          `The file names credentials that do not exist for you. Choose others for ${withoutCredential.join(", ")}.`,
        );
      await navigate({ to: "/workflows/$workflowId", params: { workflowId: id } });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    run.mutate();
  };
  const told = run.error instanceof DocumentError ? run.error.message : run.error && reason(run.error);
  const change = (next: string) => {
    setText(next);
    run.reset();
  };
  return (
    <Modal opened onClose={onClose} title="Import a workflow" size="lg" closeOnClickOutside={false}>
      <form onSubmit={submit}>
        <Stack gap="md">
          <Text size="sm" c="dimmed">
            “Show as JSON” in the editor and “Save as a file” in this list give what can be imported here,
            also into another workspace. It becomes a draft.
          </Text>
          <Group>
            <FileButton
              accept=".json,application/json"
              onChange={(file) => file && void file.text().then(change)}
            >
              {(props) => (
                <Button {...props} variant="default" leftSection={<FileUp size={15} aria-hidden />}>
                  Choose a file
                </Button>
              )}
            </FileButton>
          </Group>
          <Textarea
            label="Or paste its text"
            placeholder={'{ "name": "Orders", "nodes": [ … ], "edges": [ … ] }'}
            autosize
            minRows={8}
            maxRows={16}
            spellCheck={false}
            data-autofocus
            value={text}
            onChange={(event) => change(event.currentTarget.value)}
            styles={{ input: { fontFamily: "var(--flero-mono)", fontSize: "0.75rem" } }}
          />
          <FormFoot
            label="Import"
            error={run.error}
            errorTitle="It was not imported"
            told={told || undefined}
            isPending={run.isPending}
            disabled={text.trim() === ""}
            onCancel={onClose}
          />
        </Stack>
      </form>
    </Modal>
  );
}
