import { describe, expect, test } from "vitest";
import * as commands from "./commands.ts";
import { nodeById, readDocument, writeDocument } from "./document.ts";
import { chain } from "./testing.ts";

describe("adding", () => {
  test("a node gets an id and a name that nobody has", () => {
    const { document, id } = commands.addNode(chain(), { type: "Set", name: "Tell" });
    expect(nodeById(document, id)?.name).toBe("Tell 2");
    expect(new Set(document.nodes.map((node) => node.id)).size).toBe(4);
  });

  test("a node behind another one is connected to the first port that nothing leaves by", () => {
    const first = commands.addNodeAfter(chain(), "set", { type: "If" });
    const second = commands.addNodeAfter(first.document, first.id, { type: "Terminal" });
    const third = commands.addNodeAfter(second.document, first.id, { type: "Terminal" });
    const ports = third.document.edges.filter((edge) => edge.from === first.id).map((edge) => edge.fromPort);
    expect(ports).toEqual(["true", "false"]);
  });

  test("a new node covers no other one", () => {
    const { document, id } = commands.addNodeAfter(chain(), "start", { type: "Set" });
    expect(nodeById(document, id)?.position).not.toEqual(nodeById(document, "call")?.position);
  });

  test("a node that is put into a connection takes its place", () => {
    const start = chain();
    const edge = start.edges[0];
    if (!edge) throw new Error("the chain has edges");
    const { document, id } = commands.addNodeInto(start, edge, { type: "Filter" });
    expect(document.edges.map((entry) => [entry.from, entry.fromPort, entry.to])).toEqual([
      ["call", "output", "set"],
      ["start", "output", id],
      [id, "output", "call"],
    ]);
  });

  test("what comes behind makes room for a node that is put into a connection", () => {
    const start = chain();
    const edge = start.edges[0];
    if (!edge) throw new Error("the chain has edges");
    const x = (document: typeof start, id: string) => nodeById(document, id)?.position?.x ?? Number.NaN;
    const { document, id } = commands.addNodeInto(start, edge, { type: "Filter" });
    const order = ["start", id, "call", "set"].map((one) => x(document, one));
    expect(order.toSorted((left, right) => left - right)).toEqual(order);
    expect(x(document, "call") - x(document, id)).toBeGreaterThan(commands.NODE_WIDTH);
    expect(nodeById(document, id)?.position?.y).toBe(nodeById(start, "call")?.position?.y);
  });
});

describe("connecting", () => {
  const edge = (from: string, to: string, fromPort = "output") => ({ from, fromPort, to, toPort: "input" });

  test("a cycle is refused with a sentence that names the nodes", () => {
    expect(() => commands.connect(chain(), edge("set", "call"))).toThrow(
      /cycle: Look up already leads to Tell/,
    );
  });

  test("nothing leads into a trigger, into itself or twice to the same place", () => {
    expect(() => commands.connect(chain(), edge("set", "start"))).toThrow(/trigger/);
    expect(() => commands.connect(chain(), edge("set", "set"))).toThrow(/itself/);
    expect(() => commands.connect(chain(), edge("start", "call"))).toThrow(/already connected/);
  });

  test("a port that the node does not have is refused", () => {
    expect(() => commands.connect(chain(), edge("start", "set", "true"))).toThrow(/no port/);
  });

  test("the body of a loop is not entered from outside", () => {
    const loop = commands.addNodeAfter(chain(), "set", { type: "Loop" });
    const body = commands.addNodeAfter(loop.document, loop.id, { type: "Set" });
    expect(() => commands.connect(body.document, edge("call", body.id))).toThrow(/body of the loop “Loop”/);
  });
});

describe("deleting", () => {
  test("taking a step out of a chain closes the gap", () => {
    const document = commands.deleteNodes(chain(), new Set(["call"]));
    expect(document.edges).toEqual([{ from: "start", fromPort: "output", to: "set", toPort: "input" }]);
  });

  test("a node with several ways out leaves no connection behind", () => {
    const branch = commands.addNodeAfter(chain(), "call", { type: "Terminal" }, "output");
    const document = commands.deleteNodes(branch.document, new Set(["call"]));
    expect(document.edges).toEqual([]);
  });
});

describe("renaming", () => {
  test("expressions follow the new name", () => {
    const document = commands.renameNode(chain(), "call", 'The "first" call');
    expect(nodeById(document, "set")?.parameters).toEqual({
      fields: { text: 'Got {{ $node["The \\"first\\" call"].json.body.title }}' },
    });
  });

  test("a name that another node has is refused", () => {
    expect(() => commands.renameNode(chain(), "call", "Tell")).toThrow(/Another node/);
  });
});

describe("parameters", () => {
  test("a renamed case takes its connections along, a removed one drops them", () => {
    const added = commands.addNodeAfter(chain(), "set", { type: "Switch" });
    const behind = commands.addNodeAfter(added.document, added.id, { type: "Terminal" }, "case1");
    const renamed = commands.setParameter(behind.document, added.id, ["cases", 0, "port"], "paid");
    expect(renamed.edges.at(-1)?.fromPort).toBe("paid");
    const removed = commands.setParameter(renamed, added.id, ["cases", 0], undefined);
    expect(removed.edges.some((entry) => entry.from === added.id)).toBe(false);
  });

  test("setting what is there already is no change", () => {
    const document = chain();
    expect(commands.setParameter(document, "set", ["fields"], document.nodes[2]?.parameters.fields)).toBe(
      document,
    );
    expect(commands.setOptions(document, "set", { notes: undefined })).toBe(document);
  });

  test("options that are taken back leave nothing in the document", () => {
    const on = commands.toggleDisabled(chain(), new Set(["set"]));
    expect(nodeById(on, "set")?.disabled).toBe(true);
    expect(commands.toggleDisabled(on, new Set(["set"]))).toEqual(chain());
  });
});

test("what is read and written again is the same document", () => {
  const document = chain();
  expect(readDocument(JSON.parse(JSON.stringify(writeDocument(document))))).toEqual(document);
});
