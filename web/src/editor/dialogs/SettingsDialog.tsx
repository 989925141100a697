/** What holds for all runs of a workflow, its description and tags. */

import { Group, Modal, NumberInput, Select, Stack, Switch, TagsInput, Textarea } from "@mantine/core";
import * as commands from "../model/commands.ts";
import type { Settings } from "../model/document.ts";
import { useDocument, useSession } from "../session/session.tsx";
import { useOtherWorkflows } from "../use-other-workflows.ts";

/** What holds for all runs. */
export default function SettingsDialog({ onClose }: { onClose: () => void }) {
  const session = useSession();
  const document = useDocument();
  const { settings } = document;
  const set = (change: Settings) => {
    const next = Object.fromEntries(
      Object.entries({ ...settings, ...change }).filter(([, entry]) => entry !== undefined),
    );
    session.store.run({ label: "Edit the settings", key: `settings:${Object.keys(change).join()}` }, (doc) =>
      commands.setSettings(doc, next),
    );
  };
  const facts = (change: Parameters<typeof commands.setFacts>[1], key: string) =>
    session.store.run({ label: "Edit the workflow", key }, (doc) => commands.setFacts(doc, change));
  return (
    <Modal opened onClose={onClose} title="Workflow settings" size="lg">
      <Stack>
        <Textarea
          label="Description"
          autosize
          minRows={2}
          maxLength={4_000}
          value={document.description}
          onChange={(event) => facts({ description: event.currentTarget.value }, "description")}
        />
        <TagsInput
          label="Tags"
          maxTags={50}
          value={[...document.tags]}
          onChange={(tags) => facts({ tags }, "tags")}
        />
        <Group grow align="flex-start">
          <NumberInput
            label="Time limit of a run"
            suffix=" s"
            min={1}
            max={86_400}
            value={(settings.timeoutMs ?? 300_000) / 1_000}
            onChange={(next) =>
              set({ timeoutMs: typeof next === "number" ? Math.round(next * 1_000) : undefined })
            }
          />
          <Select
            label="When a node fails without an error port"
            allowDeselect={false}
            data={[
              { value: "stop", label: "Stop the run" },
              { value: "continue", label: "Let other branches continue" },
              { value: "workflow", label: "Stop, and run another workflow" },
            ]}
            value={settings.errorPolicy ?? "stop"}
            onChange={(next) =>
              set({
                errorPolicy: (next ?? "stop") as NonNullable<Settings["errorPolicy"]>,
                ...(next === "workflow" ? {} : { errorWorkflowId: undefined }),
              })
            }
          />
        </Group>
        {settings.errorPolicy === "workflow" && (
          <ErrorWorkflow
            value={settings.errorWorkflowId}
            onChange={(id) => set({ errorWorkflowId: id as string })}
          />
        )}
        <Switch
          label="Keep successful runs"
          checked={settings.saveSuccessfulRuns ?? true}
          onChange={(event) => set({ saveSuccessfulRuns: event.currentTarget.checked })}
        />
        <Switch
          label="An expression that cannot be resolved fails its node"
          description="Otherwise the value becomes [EXPR-ERROR: ...]."
          checked={settings.failOnExpressionError ?? false}
          onChange={(event) => set({ failOnExpressionError: event.currentTarget.checked })}
        />
        <Switch
          label="Viewers may run it"
          checked={settings.viewersMayRun ?? false}
          onChange={(event) => set({ viewersMayRun: event.currentTarget.checked })}
        />
      </Stack>
    </Modal>
  );
}

function ErrorWorkflow({
  value: chosen,
  onChange,
}: {
  value: string | undefined;
  onChange: (id: string | undefined) => void;
}) {
  return (
    <Select
      label="Which one"
      description="It needs an Error trigger, and has to be active."
      searchable
      data={useOtherWorkflows()}
      value={chosen ?? null}
      error={chosen ? undefined : "Choose a workflow."}
      onChange={(next) => onChange(next ?? undefined)}
    />
  );
}
