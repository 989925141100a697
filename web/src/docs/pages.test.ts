import { expect, it } from "vitest";
import { darkImageUrl, imageUrl, pages, search } from "./pages.ts";

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

it("has every image that a page shows", () => {
  for (const page of pages) {
    for (const [, source] of page.text.matchAll(/!\[[^\]]*\]\(([^)]+)\)/g)) {
      expect(imageUrl(source ?? ""), `${page.slug}: ${source}`).toBeDefined();
      expect(darkImageUrl(source ?? ""), `${page.slug}: ${source} in dark colours`).toBeDefined();
    }
  }
});
