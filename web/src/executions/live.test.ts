import { QueryClient } from "@tanstack/react-query";
import { describe, expect, it, vi } from "vitest";
import type { ExecutionItem } from "../api/types.ts";
import { caughtUp, lacks, takeIn } from "./use-live.ts";

const run = (id: string, status: ExecutionItem["status"], more: Partial<ExecutionItem> = {}) =>
  ({
    id,
    workflowId: "wf_1",
    workflowVersion: 1,
    status,
    trigger: { kind: "manual" },
    createdAt: "2026-01-31T08:00:00Z",
    ...more,
  }) as ExecutionItem;

const list = (...pages: ExecutionItem[][]) => ({
  pages: pages.map((items) => ({ items, nextCursor: null, total: 9 })),
  pageParams: pages.map(() => ""),
});

const ids = (found: { pages: { items: ExecutionItem[] }[] }) =>
  found.pages.map(({ items }) => items.map(({ id }) => id));

describe("the list of runs", () => {
  it("shows a run as it is now, on whichever page it stands", () => {
    const before = list([run("c", "running"), run("b", "success")], [run("a", "running")]);
    const after = caughtUp(before, {}, [run("c", "failed"), run("a", "success")]);
    expect(after.pages.map(({ items }) => items.map(({ status }) => status))).toEqual([
      ["failed", "success"],
      ["success"],
    ]);
    expect(caughtUp(before, {}, [run("x", "running")])).toBe(before);
  });

  it("drops a run that does not fit its filter any more, and counts it no longer", () => {
    const after = caughtUp(list([run("b", "running"), run("a", "running")]), { status: "running" }, [
      run("b", "success"),
    ]);
    expect(ids(after)).toEqual([["a"]]);
    expect(after.pages[0]?.total).toBe(8);
  });

  it("lacks a new run only when it fits the filter", () => {
    const before = list([run("a", "success")]);
    const fresh = [run("b", "running", { trigger: { kind: "webhook" } })];
    expect(lacks(before, {}, fresh)).toBe(true);
    expect(lacks(before, { trigger: "webhook" }, fresh)).toBe(true);
    for (const filter of [
      { status: "failed" as const },
      { trigger: "schedule" },
      { workflowId: "wf_2" },
      { since: "2026-01-31T08:00:00.001Z" },
      { until: "2026-01-31T08:00:00.000Z" },
    ])
      expect(lacks(before, filter, fresh)).toBe(false);
    expect(lacks(before, {}, [run("a", "failed")])).toBe(false);
  });
});

describe("an event", () => {
  /** A client that shows a list; says how often it was read. */
  function shown(pages: number) {
    const client = new QueryClient();
    const key = ["executions", "list", {}];
    client.setQueryData(key, list(...Array.from({ length: pages }, () => [run("a", "running")])));
    const read = vi.spyOn(client, "invalidateQueries");
    const isStale = () => client.getQueryState(key)?.isInvalidated;
    return { client, read, isStale };
  }

  it("costs no request when the list has the run", async () => {
    const { client, read, isStale } = shown(1);
    takeIn(client, { items: [run("a", "success")], more: false });
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect([isStale(), read.mock.calls]).toEqual([false, []]);
  });

  it("has the list read again for a new run, or when it does not tell all", async () => {
    for (const event of [
      { items: [run("b", "running")], more: false },
      { items: [], more: true },
    ]) {
      const { client, isStale } = shown(1);
      takeIn(client, event);
      await vi.waitFor(() => expect(isStale()).toBe(true));
    }
  });

  it("does not disturb whoever reads further back", async () => {
    const { client, read, isStale } = shown(2);
    takeIn(client, { items: [run("b", "running")], more: true });
    await vi.waitFor(() => expect(read).toHaveBeenCalled());
    expect(isStale()).toBe(false);
  });

  it("tells how a workflow stands by its newest run", () => {
    const client = new QueryClient();
    const key = ["executions", "latest"];
    const runs = new Map([["wf_1", run("b", "running", { createdAt: "2026-01-31T09:00:00Z" })]]);
    client.setQueryData(key, { runs, areAll: true });
    const status = () => client.getQueryData<{ runs: typeof runs }>(key)?.runs.get("wf_1")?.status;
    takeIn(client, { items: [run("a", "failed")], more: false });
    expect(status()).toBe("running");
    takeIn(client, {
      items: [
        run("c", "success", { createdAt: "2026-01-31T10:00:00Z" }),
        run("b", "failed", { createdAt: "2026-01-31T09:00:00Z" }),
      ],
      more: false,
    });
    expect(status()).toBe("success");
  });
});
