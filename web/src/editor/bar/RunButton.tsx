/** Run, and the last five runs beside it. */

import { ActionIcon, Button, Menu, Text, Tooltip, VisuallyHidden } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ChevronDown, ExternalLink, Play, Square } from "lucide-react";
import { useState } from "react";
import { api, value } from "../../api/client.ts";
import { formatDuration } from "../../lib/format.ts";
import { MOD } from "../../lib/keys.ts";
import { Ago } from "../../ui/Ago.tsx";
import { LinkMenuItem } from "../../ui/links.tsx";
import { StatusPill } from "../../ui/StatusPill.tsx";
import { lastRuns } from "../session/api.ts";
import { useLive } from "../session/live.ts";
import { isFinal, tookMs } from "../session/run.ts";
import { useSession } from "../session/session.tsx";
import classes from "./TopBar.module.css";

/** How the run that is shown stands, and the way to all of it. */
export function RunState() {
  const { runs } = useSession();
  const run = useLive(runs.state, (state) => state.run);
  if (!run) return null;
  return (
    <Tooltip label="Open this run">
      <Link to="/logs/$executionId" params={{ executionId: run.id }} className={classes.result ?? ""}>
        <VisuallyHidden>Open this run:</VisuallyHidden>
        <StatusPill status={run.status} />
        {isFinal(run.status) && <span>{formatDuration(tookMs(run))}</span>}
      </Link>
    </Tooltip>
  );
}

/** Run, stop, and the last runs. */
export function RunButton({ onRun }: { onRun: () => void }) {
  const { runs } = useSession();
  const going = useLive(runs.state, (state) => (state.going ? state.run?.id : undefined));
  const cancel = async (id: string) => {
    await value(api.POST("/api/executions/{id}/cancel", { params: { path: { id } } })).catch(() => undefined);
  };
  return (
    <Button.Group className={classes.run ?? ""}>
      {going ? (
        <Button
          color="red"
          variant="light"
          leftSection={<Square size={13} aria-hidden />}
          onClick={() => void cancel(going)}
        >
          Stop
        </Button>
      ) : (
        <Tooltip label={`Run (${MOD} Enter)`}>
          <Button leftSection={<Play size={14} aria-hidden />} onClick={onRun}>
            Run
          </Button>
        </Tooltip>
      )}
      <LastRuns />
    </Button.Group>
  );
}

function LastRuns() {
  const session = useSession();
  const [opened, setOpened] = useState(false);
  const shown = useLive(session.runs.state, (state) => state.run?.id);
  const { data } = useQuery({
    queryKey: ["executions", "last", session.id, shown],
    queryFn: () => lastRuns(session.id),
    enabled: opened,
  });
  return (
    <Menu opened={opened} onChange={setOpened} width={320}>
      <Menu.Target>
        <ActionIcon
          variant="filled"
          size={36}
          aria-label="Last runs"
          style={{ borderRadius: "0 8px 8px 0", marginLeft: 1 }}
        >
          <ChevronDown size={15} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Last runs</Menu.Label>
        {data?.length === 0 && (
          <Text size="sm" c="dimmed" px="sm" pb="xs">
            This workflow has not run yet.
          </Text>
        )}
        {data?.map((run) => (
          <Menu.Item key={run.id} onClick={() => void session.runs.show(run.id)}>
            <span className={classes.item}>
              <StatusPill status={run.status} />
              <Ago at={run.createdAt} />
              <span style={{ marginLeft: "auto" }}>{formatDuration(tookMs(run))}</span>
            </span>
          </Menu.Item>
        ))}
        <Menu.Divider />
        {shown && (
          <LinkMenuItem
            to="/logs/$executionId"
            params={{ executionId: shown }}
            leftSection={<ExternalLink size={14} aria-hidden />}
          >
            Open this run
          </LinkMenuItem>
        )}
        {shown && <Menu.Item onClick={() => session.runs.clear()}>Hide its results</Menu.Item>}
        <LinkMenuItem to="/logs" search={{ workflowId: session.id }}>
          All runs of this workflow
        </LinkMenuItem>
      </Menu.Dropdown>
    </Menu>
  );
}
