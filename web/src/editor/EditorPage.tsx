/** The screen of one workflow: loads it, opens an editor for it, closes it again. */

import { Button, Group, Modal, Text } from "@mantine/core";
import { useBlocker, useParams, useSearch } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useRef, useState } from "react";
import { ApiError, sentence } from "../api/problem.ts";
import { formatDateTime } from "../lib/format.ts";
import { EmptyState } from "../ui/EmptyState.tsx";
import { notify } from "../ui/notify.ts";
import { NotFound } from "../ui/RouteError.tsx";
import { ScreenLoader } from "../ui/ScreenLoader.tsx";
import { useTitle } from "../ui/use-title.ts";
import { nodeById, sameJson, writeDocument } from "./model/document.ts";
import { lastRuns, loadWorkflow, type OpenWorkflow } from "./session/api.ts";
import { type Draft, keepDraft, readDraft } from "./session/drafts.ts";
import { useLive } from "./session/live.ts";
import { Session, SessionProvider } from "./session/session.tsx";

const EditorScreen = lazy(() => import("./EditorScreen.tsx"));

/** The screen of one workflow. */
export default function EditorPage() {
  const { workflowId } = useParams({ from: "/inside/workflows/$workflowId" });
  return <Loaded key={workflowId} id={workflowId} />;
}

/** Loads the workflow afresh: an editor never begins with an answer from the cache. */
function Loaded({ id }: { id: string }) {
  const [opened, setOpened] = useState<OpenWorkflow>();
  const [problem, setProblem] = useState<unknown>();
  useEffect(() => {
    let current = true;
    loadWorkflow(id).then(
      (found) => current && setOpened(found),
      (error: unknown) => current && setProblem(error),
    );
    return () => {
      current = false;
    };
  }, [id]);
  if (problem instanceof ApiError && problem.status === 404) return <NotFound />;
  if (problem !== undefined) {
    return (
      <EmptyState
        isScreen
        role="alert"
        title="This workflow cannot be opened"
        text={sentence(problem)}
        action={<Button onClick={() => window.location.reload()}>Try again</Button>}
      />
    );
  }
  if (!opened) return <ScreenLoader />;
  return <WithDraft opened={opened} />;
}

/** Asks what becomes of a draft that was not saved the last time. */
function WithDraft({ opened }: { opened: OpenWorkflow }) {
  const { id } = opened.facts;
  const [draft] = useState<Draft | undefined>(() => {
    const found = readDraft(id);
    return found && !sameJson(writeDocument(found.document), writeDocument(opened.document))
      ? found
      : undefined;
  });
  const [choice, setChoice] = useState<"draft" | "saved" | undefined>(
    draft ? (draft.etag === opened.etag ? "draft" : undefined) : "saved",
  );
  if (choice === undefined && draft) {
    return (
      <Modal
        opened
        onClose={() => undefined}
        withCloseButton={false}
        title="There are changes that were not saved"
      >
        <Text size="sm">
          This browser kept changes of {formatDateTime(new Date(draft.at).toISOString())}. Meanwhile version{" "}
          {opened.facts.version} was saved. Both can be looked at: what you do not take now stays among the
          versions, or is discarded with a click.
        </Text>
        <Group justify="flex-end" mt="md">
          <Button
            variant="default"
            onClick={() => {
              keepDraft(id, undefined, opened.etag);
              setChoice("saved");
            }}
          >
            Discard my changes
          </Button>
          <Button onClick={() => setChoice("draft")}>Go on with my changes</Button>
        </Group>
      </Modal>
    );
  }
  return <OpenEditor opened={opened} draft={choice === "draft" ? draft : undefined} />;
}

function OpenEditor({ opened, draft }: { opened: OpenWorkflow; draft: Draft | undefined }) {
  const [session, setSession] = useState<Session>();
  const { node, run } = useSearch({ from: "/inside/workflows/$workflowId" });
  const hasRun = useRef(false);
  hasRun.current = run !== undefined;
  useEffect(() => {
    const made = new Session(opened, draft?.document);
    setSession(made);
    // The data of the last run are there from the beginning: expressions can be tried without running first.
    const last = () =>
      lastRuns(made.id, 1).then(([found]) =>
        found ? made.runs.show(found.id).then(() => made.runs.clear()) : undefined,
      );
    if (!hasRun.current) last().catch(() => undefined);
    return () => {
      void made.autosave.flush().finally(() => made.dispose());
    };
  }, [opened, draft]);
  // The address says where one begins; what is selected afterwards is a matter of the editor alone.
  useEffect(() => {
    if (session && node && nodeById(session.store.document, node)) session.store.select([node]);
    if (session && run) session.runs.show(run).catch(() => undefined);
  }, [session, node, run]);
  if (!session) return <ScreenLoader />;
  return (
    <SessionProvider session={session}>
      <Guard session={session} />
      <Suspense fallback={<ScreenLoader />}>
        <EditorScreen />
      </Suspense>
    </SessionProvider>
  );
}

/** Holds back who leaves while something is not saved, after trying to save it. */
function Guard({ session }: { session: Session }) {
  useTitle(useLive(session.store, (state) => state.document.name));
  useBlocker({
    shouldBlockFn: async () => {
      await session.autosave.flush();
      // What is not whole yet is kept in this browser and comes back with the workflow.
      return false;
    },
    enableBeforeUnload: () =>
      session.autosave.status().kind === "saving" || session.autosave.status().kind === "unreachable",
  });
  useEffect(() => {
    const onVisible = async () => {
      if (document.hidden) return void session.autosave.flush();
      // Who comes back to a tab sees what was saved in another one, before anything is changed on top of it.
      const version = await session.refresh().catch(() => undefined);
      if (version)
        notify.done(`Version ${version}`, "It was saved elsewhere meanwhile, and is what you see now.");
    };
    document.addEventListener("visibilitychange", onVisible);
    return () => document.removeEventListener("visibilitychange", onVisible);
  }, [session]);
  return null;
}
