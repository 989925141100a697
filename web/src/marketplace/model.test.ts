import { describe, expect, it } from "vitest";
import {
  consentSentence,
  contents,
  findPackages,
  needsConsent,
  notOffered,
  otherRegistry,
  partsOf,
  stateOf,
} from "./model.ts";
import { change, made } from "./testing.ts";

const frankfurter = made({ id: "frankfurter", name: "Frankfurter", category: "finance" });
const news = made({ id: "news", name: "Café News", installed: {}, change: null });
const old = made({ id: "old", name: "Old", registry: "ours", installed: { version: "0.9.0" } });
const elsewhere = made({ id: "old", name: "Old", registry: "community" });
const all = [frankfurter, news, old, elsewhere];
const names = (found: { name: string; registry: string }[]) =>
  found.map((one) => `${one.registry}/${one.name}`);

describe("what one has of a package", () => {
  it("is nothing, the newest, an older one, or the same from another registry", () => {
    expect(all.map((one) => stateOf(one, all))).toEqual(["none", "installed", "upgrade", "elsewhere"]);
    expect(otherRegistry(elsewhere, all)).toBe("ours");
    expect(otherRegistry(old, all)).toBeUndefined();
  });

  it("is told when no registry offers it any more", () => {
    const connectors = [
      { id: "news", tier: "marketplace" },
      { id: "gone", tier: "marketplace" },
      { id: "slack", tier: "curated" },
    ];
    expect(notOffered(connectors, { items: all, problems: [] }).map(({ id }) => id)).toEqual(["gone"]);
  });
});

describe("finding packages", () => {
  it("takes every typed word, in any spelling, anywhere", () => {
    expect(names(findPackages(all, { q: "cafe ne" }))).toEqual(["community/Café News"]);
    expect(names(findPackages(all, { q: "FINANCE" }))).toEqual(["community/Frankfurter"]);
    expect(findPackages(all, { q: "cafe old" })).toEqual([]);
  });

  it("narrows by category, registry and what is installed", () => {
    expect(names(findPackages(all, { registry: "ours" }))).toEqual(["ours/Old"]);
    expect(names(findPackages(all, { show: "installed" }))).toEqual(["community/Café News", "ours/Old"]);
    expect(names(findPackages(all, { show: "upgrades" }))).toEqual(["ours/Old"]);
    expect(names(findPackages(all, { category: "finance", show: "installed" }))).toEqual([]);
  });

  it("puts names that begin with what was typed first", () => {
    const other = made({ id: "a", name: "A currency", description: "like old ones" });
    expect(findPackages([other, old], { q: "old" })[0]?.name).toBe("Old");
  });
});

describe("what has to be agreed to", () => {
  it("is hosts and permissions that are added, and nothing else", () => {
    expect(needsConsent(change({ hosts: ["a.example"] }))).toBe(true);
    expect(needsConsent(change({ permissions: ["read"] }))).toBe(true);
    expect(needsConsent(change({ operations: ["list"], events: ["new"] }, { hosts: ["b.example"] }))).toBe(
      false,
    );
  });

  it("is said with the amounts of the lists", () => {
    expect(consentSentence(change({ hosts: ["a"] }), true)).toContain("to the new host above.");
    expect(consentSentence(change({ hosts: ["a"] }))).toBe("I agree: secrets may be sent to the host above.");
    expect(consentSentence(change({ hosts: ["a", "b"], permissions: ["read", "write", "list"] }))).toBe(
      "I agree: secrets may be sent to the 2 hosts above, and it may ask for the 3 permissions above.",
    );
  });

  it("stands before the rest, and parts that stay the same are left out", () => {
    const parts = partsOf(change({ operations: ["list"], permissions: ["read"] }, { hosts: ["b"] }));
    expect(parts.map(({ key, added, removed }) => [key, added, removed])).toEqual([
      ["hosts", [], ["b"]],
      ["permissions", ["read"], []],
      ["operations", ["list"], []],
    ]);
  });
});

it("says what a package brings", () => {
  expect(contents(made({ reach: { operations: ["a"] } }).reach)).toBe("1 operation");
  expect(contents(made({ reach: { operations: ["a", "b"], events: ["c"] } }).reach)).toBe(
    "2 operations, 1 event",
  );
});
