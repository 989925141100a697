/** What a node took and gave in its last run, and the data that stand in for it in tests. */

import { ActionIcon, Button, Code, Group, Stack, Text, Textarea, Tooltip } from "@mantine/core";
import { Pin, PinOff } from "lucide-react";
import { useState } from "react";
import { Attempts } from "../../executions/Attempts.tsx";
import { RunData } from "../../executions/data/RunData.tsx";
import { formatDuration } from "../../lib/format.ts";
import { StatusPill } from "../../ui/StatusPill.tsx";
import type { Json, WorkflowNode } from "../model/document.ts";
import { useLive } from "../session/live.ts";
import { tookMs } from "../session/run.ts";
import { inputOf } from "../session/scope.ts";
import { useDocument, useSession } from "../session/session.tsx";
import classes from "./Inspector.module.css";

interface Props {
  readonly node: WorkflowNode;
  readonly onPick: ((expression: string) => void) | undefined;
}

/** What a node took and gave. */
export function NodeDataTab({ node, onPick }: Props) {
  const session = useSession();
  const document = useDocument();
  const runs = useLive(session.runs.state, (state) => state);
  const data = runs.data.get(node.id);
  const input = inputOf(document, node.id, runs.data);
  const reports =
    runs.run?.nodes.filter((entry) => entry.nodeId === node.id && entry.status !== "skipped") ?? [];
  const [place, setPlace] = useState(0);
  const report = reports[Math.min(place, reports.length - 1)];
  return (
    <div className={classes.runs}>
      {report && (
        <Group gap="sm">
          <StatusPill status={report.status} />
          <Text size="xs" c="dimmed">
            {[formatDuration(tookMs(report)), report.attempts > 1 ? `${report.attempts} attempts` : ""]
              .filter(Boolean)
              .join(" · ")}
          </Text>
          {reports.length > 1 && (
            <Group gap={4}>
              <Button
                size="compact-xs"
                variant="default"
                disabled={place === 0}
                onClick={() => setPlace(place - 1)}
                aria-label="Iteration before"
              >
                ‹
              </Button>
              <Text size="xs">
                {place + 1} of {reports.length}
              </Text>
              <Button
                size="compact-xs"
                variant="default"
                disabled={place >= reports.length - 1}
                onClick={() => setPlace(place + 1)}
                aria-label="Next iteration"
              >
                ›
              </Button>
            </Group>
          )}
        </Group>
      )}
      {report?.error && (
        <div className={classes.problem} role="alert">
          {report.error.message}
          <Code>{report.error.code}</Code>
        </div>
      )}
      {report && runs.run && <Attempts node={report} run={runs.run} />}
      {(report?.logs?.length ?? 0) > 0 && <RunData label="Console" value={[...(report?.logs ?? [])]} />}
      {input !== undefined && (
        <RunData
          label="Input"
          value={report && !data?.pinned ? report.input : input}
          root="$input"
          onPick={onPick}
        />
      )}
      <Output
        node={node}
        output={report && !data?.pinned ? report.output : data?.output}
        pinned={data?.pinned === true}
        port={report?.port ?? data?.port}
      />
    </div>
  );
}

function Output({
  node,
  output,
  pinned,
  port,
}: {
  node: WorkflowNode;
  output: Json | undefined;
  pinned: boolean;
  port: string | undefined;
}) {
  const session = useSession();
  const [editing, setEditing] = useState(false);
  if (editing)
    return (
      <PinEditor
        node={node}
        output={output ?? {}}
        port={port ?? "output"}
        onClose={() => setEditing(false)}
      />
    );
  const label = pinned ? "Change the pinned data" : "Pin it for tests, or write other data";
  const edit = (
    <Tooltip label={label}>
      <ActionIcon
        variant={pinned ? "light" : "subtle"}
        color={pinned ? undefined : "gray"}
        aria-label={label}
        onClick={() => setEditing(true)}
      >
        <Pin size={14} aria-hidden />
      </ActionIcon>
    </Tooltip>
  );
  if (output === undefined) {
    return (
      <Stack gap="xs" align="flex-start" className={classes.empty} p={0}>
        <span>
          This node has no data yet. Run the workflow, test this node, or write the data that it should be
          taken to give.
        </span>
        <Button
          size="xs"
          variant="default"
          leftSection={<Pin size={13} aria-hidden />}
          onClick={() => setEditing(true)}
        >
          Write test data
        </Button>
      </Stack>
    );
  }
  return (
    <>
      <RunData
        label={pinned ? "Output (pinned)" : "Output"}
        value={output}
        root={`$node[${JSON.stringify(node.name)}].json`}
        actions={edit}
      />
      {pinned && (
        <Button
          size="xs"
          variant="subtle"
          leftSection={<PinOff size={13} aria-hidden />}
          onClick={() => session.runs.pin(node.id, undefined)}
        >
          Unpin
        </Button>
      )}
    </>
  );
}

function PinEditor({
  node,
  output,
  port,
  onClose,
}: {
  node: WorkflowNode;
  output: Json;
  port: string;
  onClose: () => void;
}) {
  const session = useSession();
  const [text, setText] = useState(() => JSON.stringify(output, null, 2));
  const [wrong, setWrong] = useState<string>();
  const keep = () => {
    try {
      session.runs.pin(node.id, JSON.parse(text) as Json, port === "error" ? "output" : port);
      onClose();
    } catch {
      setWrong(
        "This is not valid JSON. Put texts and names in double quotes, and no comma after the last entry.",
      );
    }
  };
  return (
    <div>
      <Textarea
        label="Output of this node in tests"
        autosize
        minRows={6}
        maxRows={20}
        value={text}
        error={wrong}
        data-autofocus
        spellCheck={false}
        onChange={(event) => setText(event.currentTarget.value)}
        styles={{ input: { fontFamily: "var(--flero-mono)", fontSize: 12.5 } }}
      />
      <Group gap="xs" mt="xs">
        <Button size="xs" onClick={keep}>
          Pin
        </Button>
        <Button size="xs" variant="default" onClick={onClose}>
          Cancel
        </Button>
      </Group>
    </div>
  );
}
