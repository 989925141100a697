import { describe, expect, test } from "vitest";
import { byNode, check, placeOf } from "./check.ts";
import { fragmentOf, paste, readFragment, writeFragment } from "./clipboard.ts";
import * as commands from "./commands.ts";
import { difference, merge } from "./diff.ts";
import { nodeById, readDocument } from "./document.ts";
import { layOut } from "./layout.ts";
import { NODE_TYPES, outputPorts, searchTypes } from "./nodeTypes.ts";
import { referencedNames, renameInText, segmentsOf } from "./references.ts";
import { EditorStore } from "./store.ts";
import { chain } from "./testing.ts";

describe("references", () => {
  const renames = new Map([["Old", "New name"]]);
  const rewritten: readonly (readonly [string, string])[] = [
    ['{{ $node["Old"].json.a }}', '{{ $node["New name"].json.a }}'],
    ["{{ $node['Old']?.json }}", '{{ $node["New name"]?.json }}'],
    ["{{ $node.Old.json }}", '{{ $node["New name"].json }}'],
    ['a {{ 1 }} b {{ $node["Old"].json }} c', 'a {{ 1 }} b {{ $node["New name"].json }} c'],
    ['\\{{ $node["Old"] }}', '\\{{ $node["Old"] }}'],
    ['\\\\{{ $node["Old"] }}', '\\\\{{ $node["New name"] }}'],
    ["{{ 'a $node[\"Old\"] text' }}", "{{ 'a $node[\"Old\"] text' }}"],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: template text of an expression
    ['{{ `x ${$node["Old"].json} y` }}', '{{ `x ${$node["New name"].json} y` }}'],
    ['{{ {a: "}}", b: $node["Old"].json} }}', '{{ {a: "}}", b: $node["New name"].json} }}'],
    ['{{ my.$node["Old"] }}', '{{ my.$node["Old"] }}'],
    ['{{ $node["Older"].json }}', '{{ $node["Older"].json }}'],
    ['$node["Old"] without braces', '$node["Old"] without braces'],
  ];
  test.each(rewritten)("%s", (before, after) => expect(renameInText(before, renames)).toBe(after));

  test("names are found in nested values", () => {
    expect([...referencedNames({ a: ["{{ $node.A.json + $node['B c'].json }}"], b: 1 })]).toEqual([
      "A",
      "B c",
    ]);
  });

  test("an expression that is not closed is told", () => {
    expect(segmentsOf("x {{ $input.").at(-1)).toMatchObject({ expression: true, open: true });
  });
});

describe("history", () => {
  test("typing is one step, and a pause begins another", () => {
    let now = 0;
    const store = new EditorStore(chain(), () => now);
    const type = (text: string) =>
      store.run({ label: "Edit", key: "call.url" }, (doc) =>
        commands.setParameter(doc, "call", ["url"], text),
      );
    type("h");
    now += 200;
    type("ht");
    now += 5_000;
    type("htt");
    store.undo();
    expect(nodeById(store.document, "call")?.parameters.url).toBe("ht");
    store.undo();
    expect(store.document).toEqual(chain());
    expect(store.snapshot().undoLabel).toBeUndefined();
    store.redo();
    store.redo();
    expect(nodeById(store.document, "call")?.parameters.url).toBe("htt");
  });

  test("a refused command changes nothing and says why", () => {
    const store = new EditorStore(chain());
    const before = store.document;
    const done = store.run({ label: "Connect" }, (doc) =>
      commands.connect(doc, { from: "set", fromPort: "output", to: "call", toPort: "input" }),
    );
    expect(done).toBe(false);
    expect(store.document).toBe(before);
    expect(store.snapshot().refusal).toMatch(/cycle/);
  });

  test("what was deleted is no longer selected, and undo brings it back", () => {
    const store = new EditorStore(chain());
    store.select(["call", "set"]);
    store.run({ label: "Delete" }, (doc) => commands.deleteNodes(doc, new Set(["call"])));
    expect([...store.snapshot().selection.nodes]).toEqual(["set"]);
    store.undo();
    expect(store.document).toEqual(chain());
  });
});

describe("copy and paste", () => {
  test("a copy in the same workflow gets ids and names of its own, and its expressions follow", () => {
    const copied = readFragment(writeFragment(fragmentOf(chain(), new Set(["call", "set"]))));
    if (!copied) throw new Error("what was written is read");
    const { document, ids } = paste(chain(), copied);
    expect(document.nodes.map((node) => node.name)).toEqual([
      "Start",
      "Look up",
      "Tell",
      "Look up 2",
      "Tell 2",
    ]);
    const [call, set] = [...ids];
    expect(nodeById(document, set as string)?.parameters).toEqual({
      fields: { text: 'Got {{ $node["Look up 2"].json.body.title }}' },
    });
    expect(document.edges.at(-1)).toMatchObject({ from: call, to: set });
    expect(check(document)).toEqual([]);
  });

  test("a copy in another workflow keeps its names where they are free", () => {
    const empty = readDocument({ name: "Other", nodes: [{ id: "start", name: "Begin", type: "Start" }] });
    const { document } = paste(empty, fragmentOf(chain(), new Set(["call"])), { x: 50, y: 70 });
    expect(document.nodes[1]).toMatchObject({ id: "call", name: "Look up", position: { x: 50, y: 70 } });
  });

  test("other text is not taken for a copy", () => {
    expect(readFragment("curl https://a.example")).toBeNull();
    expect(readFragment('{"nodes": 3}')).toBeNull();
  });
});

describe("checks", () => {
  test("every type has fields with names of their own, and what it begins with is of the right form", () => {
    for (const type of NODE_TYPES) {
      const document = commands.addNode(commands.emptyDocument("x"), { type: type.type }).document;
      const faults = check(document).filter((fault) => fault.node === document.nodes[1]?.id);
      // Only what a person has to fill in may be missing.
      for (const fault of faults) expect(fault.message, type.type).toMatch(/^(Give|Choose) |one trigger/);
    }
  });

  test("what is required, out of range, unknown or not closed is told at its field", () => {
    let { document, id } = commands.addNode(chain(), { type: "HTTPRequest" });
    document = commands.setParameters(document, id, { url: "{{ $input.x", timeoutMs: 0, method: "GOT" });
    const paths = (byNode(check(document)).get(id) ?? []).map((fault) => fault.path.join("."));
    expect(paths).toEqual(["parameters.method", "parameters.url", "parameters.timeoutMs"]);
  });

  test("an expression that names no node is a warning", () => {
    const document = commands.setParameter(
      chain(),
      "call",
      ["url"],
      "https://x.example/{{ $node.Gone.json }}",
    );
    expect(check(document)).toMatchObject([{ level: "warning", node: "call" }]);
  });

  test("a workflow without a trigger, or with two, is told", () => {
    expect(check(commands.deleteNodes(chain(), new Set(["start"])))[0]?.message).toMatch(/Add a trigger/);
    const two = commands.addNode(commands.addNode(chain(), { type: "ErrorTrigger" }).document, {
      type: "ErrorTrigger",
    });
    expect(check(two.document)).toMatchObject([{ node: two.id }]);
  });

  test("a pointer of the server leads to the node and the field", () => {
    expect(placeOf(chain(), { pointer: "/nodes/1/parameters/headers/X~1Y", message: "No." })).toMatchObject({
      node: "call",
      path: ["parameters", "headers", "X/Y"],
    });
  });
});

describe("ports", () => {
  test("of a Switch they are its cases, default and error", () => {
    const ports = outputPorts({
      type: "Switch",
      parameters: {
        cases: [
          { match: 1, port: "one" },
          { match: 2, port: "one" },
        ],
      },
    });
    expect(ports.map((port) => port.name)).toEqual(["one", "default", "error"]);
  });

  test("an ErrorHandling without filters has one for each class", () => {
    const ports = outputPorts({ type: "ErrorHandling", parameters: {} }).map((port) => port.name);
    expect(ports).toEqual(["timeout", "network", "validation", "authentication", "default", "error"]);
  });
});

test("the search finds by label first, then by other words", () => {
  expect(searchTypes("web")[0]?.type).toBe("WebhookTrigger");
  expect(searchTypes("curl").map((type) => type.type)).toContain("HTTPRequest");
  expect(searchTypes("zzz")).toEqual([]);
});

describe("layout", () => {
  test("every edge points to the right and no two nodes cover each other", () => {
    let document = chain();
    for (let count = 0; count < 30; count += 1) {
      const from = document.nodes[count % document.nodes.length];
      if (from)
        document = commands.addNodeAfter(
          document,
          from.id,
          { type: count % 3 === 0 ? "If" : "Set" },
          from.type === "If" ? "true" : "output",
        ).document;
    }
    const places = layOut(document);
    for (const edge of document.edges)
      expect(places.get(edge.to)?.x).toBeGreaterThan(places.get(edge.from)?.x ?? 0);
    const all = [...places.values()];
    for (const [index, a] of all.entries()) {
      for (const b of all.slice(index + 1))
        expect(
          Math.abs(a.x - b.x) >= commands.NODE_WIDTH || Math.abs(a.y - b.y) >= commands.NODE_HEIGHT,
        ).toBe(true);
    }
  });
});

describe("difference", () => {
  test("names what was added, removed, changed and moved", () => {
    const before = chain();
    let after = commands.addNodeAfter(before, "set", { type: "Terminal" }).document;
    after = commands.setParameter(after, "call", ["url"], "https://b.example");
    after = commands.moveNodes(after, new Map([["start", { x: 1, y: 1 }]]));
    after = commands.setFacts(after, { name: "Orders 2" });
    const found = difference(before, after);
    expect(found.nodes.map((node) => [node.id, node.state])).toEqual([
      ["start", "moved"],
      ["call", "changed"],
      ["terminal", "added"],
    ]);
    expect(found.nodes[1]?.values).toEqual([
      { path: "parameters.url", before: "https://api.example/{{ $trigger.id }}", after: "https://b.example" },
    ]);
    expect(found.addedEdges).toHaveLength(1);
    expect(found.facts.map((fact) => fact.path)).toEqual(["name"]);
    expect(difference(before, chain()).none).toBe(true);
  });

  test("two people's changes of different nodes are both kept, and what both changed is named", () => {
    const mine = commands.setParameter(chain(), "call", ["url"], "https://mine.example");
    const theirs = commands.setParameter(
      commands.addNodeAfter(chain(), "set", { type: "Terminal" }).document,
      "set",
      ["keepInput"],
      false,
    );
    const both = merge(chain(), mine, theirs);
    expect(both.both).toEqual([]);
    expect(both.document.nodes).toHaveLength(4);
    expect(nodeById(both.document, "call")?.parameters.url).toBe("https://mine.example");
    expect(nodeById(both.document, "set")?.parameters.keepInput).toBe(false);
    expect(both.document.edges).toHaveLength(3);
    const clash = merge(
      chain(),
      mine,
      commands.setParameter(chain(), "call", ["url"], "https://theirs.example"),
    );
    expect(clash.both).toEqual(["Look up"]);
    expect(nodeById(clash.document, "call")?.parameters.url).toBe("https://mine.example");
  });
});
