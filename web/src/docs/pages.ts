/** The guide: the same pages as in `docs/guide`, and the codes of `docs/errors`, brought along by the build. */

const texts = import.meta.glob<string>("../../../docs/guide/*.md", {
  query: "?raw",
  import: "default",
  eager: true,
});
const codes = import.meta.glob<string>("../../../docs/errors/*.md", {
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

/** Pages that are read one after the other, under what they are for. */
export const CHAPTERS: readonly { readonly label: string; readonly slugs: readonly string[] }[] = [
  { label: "Begin", slugs: ["first-steps", "concepts", "interface"] },
  { label: "Connect", slugs: ["catalog", "marketplace", "credentials", "oauth"] },
  { label: "Build and run", slugs: ["editor", "nodes", "expressions", "executions"] },
  { label: "People", slugs: ["sign-in", "people", "permissions", "notifications"] },
  { label: "Operate", slugs: ["security", "configuration", "vault", "egress", "api"] },
  { label: "When something fails", slugs: ["codes", "errors"] },
];

const ORDER = CHAPTERS.flatMap(({ slugs }) => slugs);

const rank = (slug: string) => {
  const at = ORDER.indexOf(slug);
  return at === -1 ? ORDER.length : at;
};

const slugOf = (path: string) => path.replace(/^.*\/|\.md$/g, "");

/** The codes of steps are a page of their own; those of the API have one each in the folder, and here a section. */
const STEP_CODES = "executions";

function codePages(): GuidePage[] {
  const bySlug = new Map(Object.entries(codes).map(([path, text]) => [slugOf(path), text]));
  const steps = bySlug.get(STEP_CODES) ?? "# Codes of steps";
  const sections = [...bySlug]
    .filter(([slug]) => slug !== STEP_CODES)
    .sort(([left], [right]) => left.localeCompare(right))
    .map(([, text]) => text.replace(/^#/gm, "##"));
  return [
    { slug: "codes", title: "Codes of steps", text: steps },
    {
      slug: "errors",
      title: "Codes of the API",
      text: `# Codes of the API\n\nWhat the API answers when it does not do something, and what to do.\n\n${sections.join("\n\n")}`,
    },
  ];
}

/** All pages, in the order in which one reads them; the table of contents of the folder is this list itself. */
export const pages: GuidePage[] = [
  ...Object.entries(texts).map(([path, text]) => ({
    slug: slugOf(path),
    title: /^# (.+)$/m.exec(text)?.[1] ?? slugOf(path),
    text,
  })),
  ...codePages(),
]
  .filter((page) => page.slug !== "README")
  .sort((a, b) => rank(a.slug) - rank(b.slug) || a.title.localeCompare(b.title));

/** Where an image of the guide is. */
export const imageUrl = (source: string): string | undefined =>
  images[`../../../docs/guide/${source.replace(/^\.\//, "")}`];

/** Where the same picture in dark colours is, if there is one. */
export const darkImageUrl = (source: string): string | undefined =>
  source.endsWith("-light.png") ? imageUrl(source.replace(/-light\.png$/, "-dark.png")) : undefined;

/** A heading's text as the end of an address. */
export const anchor = (text: string) =>
  text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .trim()
    .replace(/\s+/g, "-");

/** A page without its blocks of code: a `#` in them begins a comment and no section. */
const prose = (text: string) => text.replace(/^```[\s\S]*?^```/gm, "");

/** A section of a page. */
export interface Section {
  readonly title: string;
  readonly level: 2 | 3;
}

/** The sections of a page. */
export const sectionsOf = (page: GuidePage): readonly Section[] =>
  [...prose(page.text).matchAll(/^(##|###) (.+)$/gm)].map((found) => ({
    title: (found[2] ?? "").replaceAll("`", ""),
    level: found[1] === "##" ? 2 : 3,
  }));

/** A hit of the search: the section whose text fits. */
export interface Hit {
  slug: string;
  page: string;
  section: string;
  excerpt: string;
}

/** What stands around a place of a text, in whole words and without the marks of Markdown. */
function excerptOf(text: string, place: number): string {
  const from = Math.max(0, place - 40);
  const cut = text.slice(from, from + 140);
  const whole = `${from > 0 ? cut.replace(/^\S*\s/, "… ") : cut}`;
  const ends = from + 140 >= text.length ? whole : whole.replace(/\s\S*$/, " …");
  return ends.replace(/[#`*|\s]+/g, " ").trim();
}

/** How well a section fits, less is better: a heading that is the query, one with its words, its text alone. */
function rankOf(section: string, query: string, words: readonly string[]): number {
  const heading = section.toLowerCase();
  if (heading === query) return 0;
  if (words.every((word) => heading.includes(word))) return 1;
  return words.some((word) => heading.includes(word)) ? 2 : 3;
}

/** Sections that hold every word of the query, best first, at most so many. */
export function search(query: string, all: GuidePage[] = pages, most = 30): Hit[] {
  const wanted = query.trim().toLowerCase();
  const words = wanted.split(/\s+/).filter(Boolean);
  if (words.length === 0) return [];
  const hits: { hit: Hit; rank: number }[] = [];
  for (const page of all) {
    for (const part of page.text.split(/^(?=#{1,3} )/m)) {
      const section = (/^#{1,3} (.+)$/m.exec(part)?.[1] ?? page.title).replaceAll("`", "");
      const own = part.toLowerCase();
      // Words of the page's title count for every section of it, but not alone.
      const first = words.find((word) => own.includes(word));
      if (!first || !words.every((word) => own.includes(word) || page.title.toLowerCase().includes(word)))
        continue;
      const excerpt = excerptOf(part, own.indexOf(first));
      hits.push({
        hit: { slug: page.slug, page: page.title, section, excerpt },
        rank: rankOf(section, wanted, words),
      });
    }
  }
  return hits
    .sort((left, right) => left.rank - right.rank)
    .slice(0, most)
    .map(({ hit }) => hit);
}
