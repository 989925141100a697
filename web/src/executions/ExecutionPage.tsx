/** One run: what happened on the canvas and in time, what each node took and gave, what it returned, all of it raw. */
import { Button, Group, Menu, Tabs } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { ChevronDown, RotateCcw, Square } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { api, value } from "../api/client.ts";
import { ApiError, sentence } from "../api/problem.ts";
import { useCan } from "../auth/me.ts";
import type { Json } from "../editor/model/document.ts";
import { loadVersion } from "../editor/session/api.ts";
import { isFinal, type Run } from "../editor/session/run.ts";
import { formatDateTime } from "../lib/format.ts";
import { EmptyState } from "../ui/EmptyState.tsx";
import { LinkButton } from "../ui/links.tsx";
import { Page } from "../ui/Page.tsx";
import { NotFound } from "../ui/RouteError.tsx";
import { ScreenLoader } from "../ui/ScreenLoader.tsx";
import { StatusPill } from "../ui/StatusPill.tsx";
import { workflowNamesQuery } from "../workflows/queries.ts";
import { RunData } from "./data/RunData.tsx";
import classes from "./ExecutionPage.module.css";
import { Metrics } from "./Metrics.tsx";
import { NodeDetail } from "./NodeDetail.tsx";
import { Problem } from "./Problem.tsx";
import { type RunSearch, runSearchOf } from "./run-search.ts";
import { rowKey, Timeline } from "./Timeline.tsx";
import { useRun } from "./use-run.ts";
import { triggerText } from "./words.ts";

const RunCanvas = lazy(async () => ({
  default: (await import("../editor/canvas/PassiveCanvas.tsx")).PassiveCanvas,
}));

export default function ExecutionPage() {
  const { executionId } = useParams({ from: "/inside/logs/$executionId" });
  const { run, error } = useRun(executionId, (nodeId) => nodeId);
  if (error instanceof ApiError && error.status === 404 && !run) return <NotFound />;
  if (error && !run)
    return <EmptyState isScreen role="alert" title="This run cannot be shown" text={sentence(error)} />;
  if (!run) return <ScreenLoader />;
  return <Screen key={executionId} run={run} />;
}

/** The document of the version that ran. */
function useRanDocument(run: Run) {
  return useQuery({
    queryKey: ["workflows", "version", run.workflowId, run.workflowVersion],
    queryFn: () => loadVersion(run.workflowId, run.workflowVersion),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
}

/** Which view of a run is shown, and which node of it: both stand in the address. */
function useView() {
  const { tab, node } = useSearch({ from: "/inside/logs/$executionId" });
  const navigate = useNavigate({ from: "/logs/$executionId" });
  const show = (change: RunSearch) =>
    void navigate({ search: (before) => runSearchOf({ ...before, ...change }), replace: true });
  return { tab: tab ?? "overview", node, show };
}

function Screen({ run }: { run: Run }) {
  const { tab, show } = useView();
  const { data: names } = useQuery(workflowNamesQuery);
  const ran = useRanDocument(run);
  const document = ran.data;
  const name = names?.get(run.workflowId) ?? document?.name ?? "Workflow";
  return (
    <Page title={name} lead={<Lead run={run} />} actions={<Actions run={run} />}>
      {run.error && <Problem run={run} />}
      <Metrics run={run} />
      <Tabs value={tab} onChange={(next) => show({ tab: next as RunSearch["tab"] })} mt="md">
        <Tabs.List>
          <Tabs.Tab value="overview">Overview</Tabs.Tab>
          <Tabs.Tab value="output">Output</Tabs.Tab>
          <Tabs.Tab value="raw">Raw</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="overview" pt="md">
          <Overview run={run} document={document} failure={ran.error} />
        </Tabs.Panel>
        <Tabs.Panel value="output" pt="md">
          <div className={classes.two}>
            <RunData label="Given" value={run.input} root="$trigger" />
            <RunData label="Returned" value={run.output} />
          </div>
        </Tabs.Panel>
        <Tabs.Panel value="raw" pt="md">
          <RunData label="The run as the API gives it" value={run as unknown as Json} />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}

function Lead({ run }: { run: Run }) {
  return (
    <span className={classes.lead}>
      <StatusPill status={run.status} />
      <span>{triggerText(run.trigger)}</span>
      {run.trigger.kind === "replay" && <Origin id={run.trigger.of} text="of this run" />}
      {run.trigger.kind === "subWorkflow" && <Origin id={run.trigger.parent} text="called it" />}
      {run.trigger.kind === "error" && <Origin id={run.trigger.failed} text="failed" />}
      <time dateTime={run.createdAt}>{formatDateTime(run.createdAt)}</time>
      <span>version {run.workflowVersion}</span>
      <code>{run.id}</code>
    </span>
  );
}

function Origin({ id, text }: { id: string; text: string }) {
  return (
    <Link to="/logs/$executionId" params={{ executionId: id }}>
      {text}
    </Link>
  );
}

function Actions({ run }: { run: Run }) {
  const canControl = useCan("executions.control");
  const navigate = useNavigate();
  const [busy, setBusy] = useState(false);
  const act = async (what: () => Promise<void>, title: string) => {
    setBusy(true);
    try {
      await what();
    } catch (error) {
      notifications.show({ color: "red", title, message: sentence(error) });
    } finally {
      setBusy(false);
    }
  };
  const path = { params: { path: { id: run.id } } };
  const replay = (version: "same" | "current") =>
    act(async () => {
      const accepted = await value(api.POST("/api/executions/{id}/replay", { ...path, body: { version } }));
      await navigate({ to: "/logs/$executionId", params: { executionId: accepted.executionId } });
    }, "Not replayed");
  const stop = () =>
    act(async () => {
      await value(api.POST("/api/executions/{id}/cancel", path));
      notifications.show({ title: "Stopping", message: "What runs may finish; nothing new begins." });
    }, "Not stopped");
  return (
    <Group gap="xs">
      <LinkButton to="/workflows/$workflowId" params={{ workflowId: run.workflowId }} variant="default">
        Open the workflow
      </LinkButton>
      {!canControl ? null : isFinal(run.status) ? (
        <Menu>
          <Menu.Target>
            <Button
              loading={busy}
              leftSection={<RotateCcw size={14} aria-hidden />}
              rightSection={<ChevronDown size={14} aria-hidden />}
            >
              Replay
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item onClick={() => void replay("same")}>
              This version ({run.workflowVersion}), same input
            </Menu.Item>
            <Menu.Item onClick={() => void replay("current")}>The current version, same input</Menu.Item>
          </Menu.Dropdown>
        </Menu>
      ) : (
        <Button
          loading={busy}
          color="red"
          variant="light"
          leftSection={<Square size={13} aria-hidden />}
          onClick={() => void stop()}
        >
          Stop
        </Button>
      )}
    </Group>
  );
}

function Overview({
  run,
  document,
  failure,
}: {
  run: Run;
  document: import("../editor/model/document.ts").WorkflowDocument | undefined;
  /** Why there is no document. */
  failure: Error | null;
}) {
  const firstFailed = run.nodes.findIndex((node) => node.status === "failed");
  const { node: wished, show } = useView();
  const wish = run.nodes.findIndex((entry) => rowKey(entry) === wished);
  const select = (chosen: number) => {
    const entry = run.nodes[chosen];
    if (entry) show({ node: rowKey(entry) });
  };
  const last = run.nodes.findLastIndex((node) => node.status !== "skipped");
  const place = wish >= 0 ? wish : firstFailed >= 0 ? firstFailed : last;
  const node = run.nodes[place];
  return (
    <div className={classes.overview}>
      <div className={classes.canvas}>
        {document ? (
          <Suspense fallback={<ScreenLoader />}>
            <RunCanvas
              document={document}
              run={run}
              label="The workflow, coloured by how each node ended"
              selected={node?.nodeId}
              onSelect={(id) => {
                const found = run.nodes.findIndex((entry) => entry.nodeId === id);
                if (found >= 0) select(found);
              }}
            />
          </Suspense>
        ) : failure ? (
          <EmptyState title="The canvas of this run cannot be shown" text={sentence(failure)} />
        ) : (
          <ScreenLoader />
        )}
      </div>
      <section className={classes.times} aria-label="Timeline">
        <Timeline run={run} selected={place} onSelect={select} />
      </section>
      {node && <NodeDetail key={place} node={node} run={run} document={document} />}
    </div>
  );
}
