import { expect, it } from "vitest";
import { NODE_TYPES } from "../editor/model/nodeTypes.ts";
import { helpFor } from "../ui/help.ts";
import { anchor, darkImageUrl, imageUrl, pages, search, sectionsOf } from "./pages.ts";

it("brings every page of the guide with its title", () => {
  expect(pages.map((page) => page.slug)).toContain("expressions");
  for (const page of pages) expect(page.title.length).toBeGreaterThan(2);
});

it("finds the section that holds every word", () => {
  const all = [{ slug: "a", title: "A", text: "# A\nalpha\n## Second\nbeta gamma\n" }];
  expect(search("gamma BETA", all)).toEqual([
    { slug: "a", page: "A", section: "Second", excerpt: "Second beta gamma" },
  ]);
  expect(search("alpha beta", all)).toEqual([]);
  expect(search(" ", all)).toEqual([]);
});

it("puts a section whose heading is the query before those that only name it", () => {
  const text = "# Nodes\nIf and Set\n## Set\nfields\n## If\nlike a Set\n";
  const hits = search("if", [{ slug: "nodes", title: "Nodes", text }]);
  expect(hits.map(({ section }) => section)).toEqual(["If", "Nodes"]);
});

it("has a section for every node type, so that the editor can lead there", () => {
  const nodes = pages.find(({ slug }) => slug === "nodes");
  const sections = new Set(nodes ? sectionsOf(nodes).map(({ title }) => anchor(title)) : []);
  for (const { type } of NODE_TYPES) expect(sections, type).toContain(type.toLowerCase());
});

it("has the codes of steps as a page, and those of the API as sections of one", () => {
  expect(pages.find(({ slug }) => slug === "codes")?.text).toContain("`http.status`");
  expect(search("not_found").map(({ section }) => section)).toContain("not_found");
});

it("knows the page that explains a screen", () => {
  const slugs = pages.map(({ slug }) => slug);
  for (const path of ["/workflows", "/logs/exec_1", "/settings/credentials", "/settings/variables"])
    expect(slugs).toContain(helpFor(path));
  expect(helpFor("/login")).toBeUndefined();
});

it("finds the picture in dark colours beside the one in light colours", () => {
  expect(darkImageUrl("images/vault-light.png")).toBeDefined();
  expect(darkImageUrl("images/no-such-light.png")).toBeUndefined();
  expect(darkImageUrl("images/vault-dark.png")).toBeUndefined();
});

it("has every image that a page shows", () => {
  for (const page of pages) {
    for (const [, source] of page.text.matchAll(/!\[[^\]]*\]\(([^)]+)\)/g)) {
      expect(imageUrl(source ?? ""), `${page.slug}: ${source}`).toBeDefined();
    }
  }
});
