/** The guide: the same pages as in `docs/guide`, brought along by the build. */

const texts = import.meta.glob<string>("../../../docs/guide/*.md", {
  query: "?raw",
  import: "default",
  eager: true,
});
const images = import.meta.glob<string>("../../../docs/guide/images/*.png", {
  query: "?url",
  import: "default",
  eager: true,
});

export interface GuidePage {
  /** The last part of its address. */
  slug: string;
  title: string;
  text: string;
}

const ORDER = [
  "first-steps",
  "interface",
  "catalog",
  "oauth",
  "sign-in",
  "nodes",
  "expressions",
  "api",
  "vault",
  "egress",
  "configuration",
];

const rank = (slug: string) => {
  const at = ORDER.indexOf(slug);
  return at === -1 ? ORDER.length : at;
};

const slugOf = (path: string) => path.replace(/^.*\/|\.md$/g, "");

/** All pages, in the order in which one reads them; the table of contents of the folder is this list itself. */
export const pages: GuidePage[] = Object.entries(texts)
  .map(([path, text]) => ({ slug: slugOf(path), title: /^# (.+)$/m.exec(text)?.[1] ?? slugOf(path), text }))
  .filter((page) => page.slug !== "README")
  .sort((a, b) => rank(a.slug) - rank(b.slug) || a.title.localeCompare(b.title));

/** Where an image of the guide is. */
export const imageUrl = (source: string): string | undefined =>
  images[`../../../docs/guide/${source.replace(/^\.\//, "")}`];

/** Where the same picture in dark colours is, if there is one. */
export const darkImageUrl = (source: string): string | undefined =>
  source.endsWith("-light.png") ? imageUrl(source.replace(/-light\.png$/, "-dark.png")) : undefined;

/** A hit of the search: the section whose text fits. */
export interface Hit {
  slug: string;
  page: string;
  section: string;
  excerpt: string;
}

/** Sections that hold every word of the query, at most so many. */
export function search(query: string, all: GuidePage[] = pages, most = 20): Hit[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [];
  const hits: Hit[] = [];
  for (const page of all) {
    for (const part of page.text.split(/^(?=#{1,3} )/m)) {
      const lower = part.toLowerCase();
      if (!words.every((word) => lower.includes(word))) continue;
      const section = /^#{1,3} (.+)$/m.exec(part)?.[1] ?? page.title;
      const at = Math.max(0, lower.indexOf(words[0] ?? "") - 40);
      const excerpt = part
        .slice(at, at + 140)
        .replace(/[#`*|\s]+/g, " ")
        .trim();
      hits.push({ slug: page.slug, page: page.title, section, excerpt });
      if (hits.length === most) return hits;
    }
  }
  return hits;
}
