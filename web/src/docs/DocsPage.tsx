/** The guide inside the program: its chapters, the sections of the page, a search over all of it, and the page. */
import { TextInput } from "@mantine/core";
import { Link, useParams, useSearch } from "@tanstack/react-router";
import { ChevronDown, ListTree, Search } from "lucide-react";
import { type KeyboardEvent, useMemo, useRef, useState } from "react";
import { count } from "../lib/format.ts";
import { NotFound } from "../ui/RouteError.tsx";
import links from "../ui/SideLink.module.css";
import { Article } from "./Article.tsx";
import classes from "./DocsPage.module.css";
import { anchor, CHAPTERS, type GuidePage, pages, search, sectionsOf } from "./pages.ts";

export default function DocsPage() {
  const { page: slug } = useParams({ strict: false });
  const { q } = useSearch({ strict: false });
  const [query, setQuery] = useState(q ?? "");
  const [asked, setAsked] = useState(q);
  // The address brings another search, from the palette, while the guide is open.
  if (asked !== q) {
    setAsked(q);
    if (q) setQuery(q);
  }
  // On a narrow screen the list would stand before every page; there it is opened by a button.
  const [isOpen, setIsOpen] = useState(false);
  const [shown, setShown] = useState(slug);
  if (shown !== slug) {
    setShown(slug);
    setIsOpen(false);
  }
  const list = useRef<HTMLDivElement>(null);
  const page = slug === undefined ? pages[0] : pages.find((entry) => entry.slug === slug);
  const isSearching = query.trim() !== "";
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape") setQuery("");
    // Down and Enter go to what was found, as in every search of the program.
    if (event.key !== "ArrowDown" && event.key !== "Enter") return;
    const first = list.current?.querySelector("a");
    if (event.key === "Enter" && isSearching) first?.click();
    else first?.focus();
    event.preventDefault();
  };
  return (
    <div className={classes.layout}>
      <nav aria-label="Guide" className={classes.nav}>
        <TextInput
          size="xs"
          type="search"
          aria-label="Search the guide"
          placeholder="Search the guide"
          leftSection={<Search size={14} aria-hidden />}
          value={query}
          onChange={(event) => setQuery(event.currentTarget.value)}
          onKeyDown={onKeyDown}
          mb="xs"
        />
        <button
          type="button"
          className={classes.contents}
          aria-expanded={isOpen || isSearching}
          aria-controls="guide-contents"
          onClick={() => setIsOpen(!isOpen)}
        >
          <ListTree size={14} aria-hidden />
          <span>{page?.title ?? "Contents"}</span>
          <ChevronDown size={14} aria-hidden />
        </button>
        <div
          id="guide-contents"
          ref={list}
          className={classes.list}
          data-open={isOpen || isSearching || undefined}
        >
          {isSearching ? <Hits query={query} /> : <Chapters page={page} />}
        </div>
      </nav>
      {page ? <Article key={page.slug} page={page} /> : <NotFound />}
    </div>
  );
}

/** All pages under their chapters; what belongs to none stands at the end. */
function Chapters({ page }: { page: GuidePage | undefined }) {
  const known = new Set(CHAPTERS.flatMap(({ slugs }) => slugs));
  const others = pages.filter(({ slug }) => !known.has(slug)).map(({ slug }) => slug);
  const chapters = others.length > 0 ? [...CHAPTERS, { label: "More", slugs: others }] : CHAPTERS;
  return chapters.map(({ label, slugs }) => (
    <section key={label} aria-label={label}>
      <p className={classes.chapter}>{label}</p>
      {slugs
        .flatMap((slug) => pages.filter((entry) => entry.slug === slug))
        .map((entry) => (
          <div key={entry.slug}>
            <Link
              to="/docs/$page"
              params={{ page: entry.slug }}
              className={links.link}
              data-active={entry === page || undefined}
              aria-current={entry === page ? "page" : undefined}
            >
              {entry.title}
            </Link>
            {entry === page && <Sections page={page} />}
          </div>
        ))}
    </section>
  ));
}

/** What the open page holds. */
function Sections({ page }: { page: GuidePage }) {
  const sections = useMemo(() => sectionsOf(page), [page]);
  if (sections.length < 2) return null;
  return (
    <ul className={classes.sections} aria-label={`On the page ${page.title}`}>
      {sections.map(({ title, level }, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: two sections of a page may have the same title
        <li key={`${place}:${title}`} data-level={level}>
          <Link to="/docs/$page" params={{ page: page.slug }} hash={anchor(title)}>
            {title}
          </Link>
        </li>
      ))}
    </ul>
  );
}

function Hits({ query }: { query: string }) {
  const hits = useMemo(() => search(query), [query]);
  return (
    <>
      <p className={classes.excerpt} role="status">
        {hits.length === 0 ? "No page holds these words." : count(hits.length, "place")}
      </p>
      {hits.map((hit, place) => (
        <Link
          // biome-ignore lint/suspicious/noArrayIndexKey: two sections of a page may say the same
          key={`${place}-${hit.slug}-${hit.section}`}
          to="/docs/$page"
          params={{ page: hit.slug }}
          hash={anchor(hit.section)}
          className={links.link}
        >
          <span>
            <strong>{hit.section}</strong>
            <span className={classes.excerpt}>
              {hit.page}: {hit.excerpt}
            </span>
          </span>
        </Link>
      ))}
    </>
  );
}
