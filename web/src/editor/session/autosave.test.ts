import { describe, expect, test } from "vitest";
import * as commands from "../model/commands.ts";
import type { WorkflowDocument } from "../model/document.ts";
import { chain } from "../model/testing.ts";
import { Autosave, type SaveResult } from "./autosave.ts";

/** A server, a clock and a drawer for drafts. */
function setUp(answers: SaveResult[] = []) {
  const document = chain();
  const sent: { document: WorkflowDocument; etag: string }[] = [];
  const kept: (WorkflowDocument | undefined)[] = [];
  let timer: (() => void) | undefined;
  let gate: Promise<void> = Promise.resolve();
  let version = 1;
  const autosave = new Autosave(document, '"1"', 1, {
    send: async (document, etag) => {
      sent.push({ document, etag });
      await gate;
      version += 1;
      return answers.shift() ?? { kind: "saved", etag: `"${version}"`, version };
    },
    isComplete: (document) => document.nodes.every((node) => node.parameters.url !== ""),
    keep: (document) => kept.push(document),
    after: (_, then) => {
      timer = then;
      return () => {
        timer = undefined;
      };
    },
  });
  const edit = (url: string) => {
    const next = commands.setParameter(document, "call", ["url"], url);
    autosave.changed(next);
    return next;
  };
  const tick = async () => {
    const then = timer;
    timer = undefined;
    then?.();
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
  };
  const hold = () => {
    let open: () => void = () => undefined;
    gate = new Promise((resolve) => {
      open = resolve;
    });
    return () => {
      gate = Promise.resolve();
      open();
    };
  };
  return { autosave, sent, kept, edit, tick, hold, pending: () => timer !== undefined };
}

describe("autosave", () => {
  test("several quick changes are one request, with the ETag of what they stand on", async () => {
    const { autosave, sent, edit, tick, kept } = setUp();
    edit("https://a.example");
    const last = edit("https://ab.example");
    expect(autosave.status().kind).toBe("waiting");
    await tick();
    expect(sent).toEqual([{ document: last, etag: '"1"' }]);
    expect(autosave.status().kind).toBe("saved");
    expect(kept.at(-1)).toBeUndefined();
  });

  test("a change while a request goes on follows it, with the new ETag", async () => {
    const { autosave, sent, edit, tick, hold } = setUp();
    const open = hold();
    edit("https://a.example");
    await tick();
    expect(autosave.status().kind).toBe("saving");
    edit("https://b.example");
    open();
    await tick();
    await autosave.flush();
    expect(sent.map((entry) => entry.etag)).toEqual(['"1"', '"2"']);
    expect(autosave.isClean()).toBe(true);
  });

  test("what is not complete waits, is kept for a reload, and is sent once it is whole", async () => {
    const { autosave, sent, edit, tick, kept, pending } = setUp();
    const half = edit("");
    expect(autosave.status().kind).toBe("incomplete");
    expect(pending()).toBe(false);
    expect(kept.at(-1)).toBe(half);
    edit("https://a.example");
    await tick();
    expect(sent).toHaveLength(1);
  });

  test("a conflict stops saving until a person has decided, and nothing is dropped", async () => {
    const { autosave, sent, edit, tick, kept } = setUp([{ kind: "conflict" }]);
    edit("https://a.example");
    await tick();
    expect(autosave.status().kind).toBe("conflict");
    const mine = edit("https://b.example");
    await tick();
    expect(sent).toHaveLength(1);
    expect(kept.at(-1)).toBe(mine);
    autosave.settle(chain(), '"9"', 9, mine);
    await tick();
    expect(sent.at(-1)).toEqual({ document: mine, etag: '"9"' });
    expect(autosave.status().kind).toBe("saved");
  });

  test("a server that is not reached is tried again", async () => {
    const { autosave, sent, edit, tick, pending } = setUp([{ kind: "unreachable", message: "Gone" }]);
    edit("https://a.example");
    await tick();
    expect(autosave.status().kind).toBe("unreachable");
    expect(pending()).toBe(true);
    await tick();
    await tick();
    expect(sent).toHaveLength(2);
    expect(autosave.status().kind).toBe("saved");
  });

  test("a refusal is told with its places, and the next change is sent again", async () => {
    const told = [{ pointer: "/nodes/1/parameters/url", message: "No." }];
    const { autosave, edit, tick } = setUp([
      { kind: "refused", message: "Two fields are wrong.", faults: told },
    ]);
    edit("https://a.example");
    await tick();
    expect(autosave.faults()).toEqual(told);
    edit("https://b.example");
    await tick();
    expect(autosave.status().kind).toBe("saved");
    expect(autosave.faults()).toEqual([]);
  });

  test("undoing back to what is saved sends nothing", async () => {
    const { autosave, sent, edit, tick } = setUp();
    edit("https://a.example");
    autosave.changed(autosave.base());
    await tick();
    expect(sent).toEqual([]);
    expect(autosave.status().kind).toBe("saved");
  });
});
