/** What the editor does with the whole workflow: run it, test a node, tidy up. */

import { notifications } from "@mantine/notifications";
import { useCallback } from "react";
import { sentence } from "../api/problem.ts";
import * as commands from "./model/commands.ts";
import { leadingTo } from "./model/graph.ts";
import { layOut } from "./model/layout.ts";
import { useReveal } from "./placing.ts";
import { type Given, startRun, startTest } from "./session/api.ts";
import { type Session, useSession } from "./session/session.tsx";

/** Saves, then starts a run or a test, and follows it. */
async function start(
  session: Session,
  show: (id: string) => void,
  begin: () => Promise<string>,
): Promise<void> {
  if (!(await session.autosave.flush())) {
    const first = session.verdict.snapshot().faults.find((fault) => fault.level === "error");
    if (first?.node) show(first.node);
    notifications.show({
      color: "orange",
      title: "Not run",
      message: first?.message ?? "The workflow is not saved yet. Look at the state of saving in the bar.",
    });
    return;
  }
  try {
    const id = await begin();
    await session.runs.show(id);
    const { run } = session.runs.state.snapshot();
    if (run?.status === "failed" || run?.status === "timeout") {
      const node = run.nodes.find((entry) => entry.status === "failed");
      if (node) show(node.nodeId);
      notifications.show({
        color: "red",
        title: node ? `${node.name} failed` : "The run failed",
        message: node?.error?.message ?? run.error?.message,
        autoClose: 8_000,
      });
    }
  } catch (error) {
    notifications.show({ color: "red", title: "Not run", message: sentence(error) });
  }
}

const givenOf = (session: Session, ids?: ReadonlySet<string>): Record<string, Given> => {
  const entries = [...session.runs.state.snapshot().data].filter(([id, data]) =>
    ids ? ids.has(id) : data.pinned,
  );
  const there = new Set(session.store.document.nodes.map((node) => node.id));
  return Object.fromEntries(
    entries
      .filter(([id]) => there.has(id))
      .map(([id, data]) => [id, { output: data.output, port: data.port }]),
  );
};

/** Running, testing and tidying up. */
export function useActs() {
  const session = useSession();
  const reveal = useReveal();
  const show = useCallback(
    (id: string) => {
      session.store.select([id]);
      reveal(id, { focus: false });
    },
    [session, reveal],
  );
  const run = useCallback(() => {
    const input = session.runs.state.snapshot().trigger ?? {};
    const given = givenOf(session);
    const pinned = Object.keys(given).length > 0;
    return start(session, show, () =>
      pinned ? startTest(session.id, { input, given }) : startRun(session.id, input),
    );
  }, [session, show]);
  const test = useCallback(
    (node: string) => {
      const before = leadingTo(session.store.document.edges, [node]);
      before.delete(node);
      const input = session.runs.state.snapshot().trigger ?? {};
      return start(session, show, () =>
        startTest(session.id, { node, input, given: givenOf(session, before) }),
      );
    },
    [session, show],
  );
  const tidy = useCallback(() => {
    const { selection } = session.store.snapshot();
    const only = selection.nodes.size > 1 ? selection.nodes : undefined;
    session.store.run({ label: "Tidy up" }, (doc) => commands.moveNodes(doc, layOut(doc, only)));
  }, [session]);
  return { run, test, tidy };
}
