/** The guide inside the program: a list of pages, a search over all of them, and the page itself. */
import { TextInput, useComputedColorScheme } from "@mantine/core";
import { Link, useParams } from "@tanstack/react-router";
import { Search } from "lucide-react";
import { useState } from "react";
import Markdown, { type Components } from "react-markdown";
import remarkGfm from "remark-gfm";
import { NotFound } from "../ui/RouteError.tsx";
import links from "../ui/SideLink.module.css";
import { useTitle } from "../ui/use-title.ts";
import classes from "./DocsPage.module.css";
import { darkImageUrl, type GuidePage, imageUrl, pages, search } from "./pages.ts";

/** A heading's text as the end of an address. */
const anchor = (text: string) =>
  text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .trim()
    .replace(/\s+/g, "-");

/** A picture in the colours of the page. */
function Picture({ source, alt }: { source: string; alt: string }) {
  const scheme = useComputedColorScheme();
  const dark = scheme === "dark" ? darkImageUrl(source) : undefined;
  return <img src={dark ?? imageUrl(source)} alt={alt} loading="lazy" />;
}

/** Links between pages stay inside; everything else that leaves the guide opens beside it. */
const components: Components = {
  a: ({ href = "", children }) => {
    const page = /^(?:\.\/)?([a-z-]+)\.md(?:#(.*))?$/.exec(href);
    if (page?.[1]) {
      return (
        <Link to="/docs/$page" params={{ page: page[1] }} hash={page[2] ?? ""}>
          {children}
        </Link>
      );
    }
    if (href.startsWith("#")) return <a href={href}>{children}</a>;
    const error = /errors\/([a-z_]+)\.md$/.exec(href)?.[1];
    if (error) return <a href={`/docs/errors/${error}`}>{children}</a>;
    return /^https?:/.test(href) ? (
      <a href={href} target="_blank" rel="noreferrer">
        {children}
      </a>
    ) : (
      <span>{children}</span>
    );
  },
  img: ({ src, alt }) => <Picture source={String(src ?? "")} alt={alt ?? ""} />,
  h2: ({ children }) => <h2 id={anchor(String(children))}>{children}</h2>,
  h3: ({ children }) => <h3 id={anchor(String(children))}>{children}</h3>,
  table: ({ children }) => (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
    <section className={classes.table} tabIndex={0} aria-label="Table">
      <table>{children}</table>
    </section>
  ),
  pre: ({ children }) => (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
    <pre tabIndex={0}>{children}</pre>
  ),
};

function Article({ page }: { page: GuidePage }) {
  useTitle(page.title);
  return (
    <article className={classes.article}>
      <Markdown remarkPlugins={[remarkGfm]} components={components}>
        {page.text}
      </Markdown>
    </article>
  );
}

export default function DocsPage() {
  const { page: slug } = useParams({ strict: false });
  const [query, setQuery] = useState("");
  const page = slug === undefined ? pages[0] : pages.find((entry) => entry.slug === slug);
  const hits = search(query);
  return (
    <div className={classes.layout}>
      <nav aria-label="Guide" className={classes.nav}>
        <TextInput
          size="xs"
          aria-label="Search the guide"
          placeholder="Search the guide"
          leftSection={<Search size={14} aria-hidden />}
          value={query}
          onChange={(event) => setQuery(event.currentTarget.value)}
          mb="xs"
        />
        {query.trim() === ""
          ? pages.map((entry) => (
              <Link
                key={entry.slug}
                to="/docs/$page"
                params={{ page: entry.slug }}
                className={links.link}
                data-active={entry === page || undefined}
                aria-current={entry === page ? "page" : undefined}
              >
                {entry.title}
              </Link>
            ))
          : hits.map((hit) => (
              <Link
                key={`${hit.slug}-${hit.section}`}
                to="/docs/$page"
                params={{ page: hit.slug }}
                hash={anchor(hit.section)}
                className={links.link}
              >
                <strong>{hit.section}</strong>
                <span className={classes.excerpt}>
                  {hit.page}: {hit.excerpt}
                </span>
              </Link>
            ))}
        {query.trim() !== "" && hits.length === 0 && (
          <p className={classes.excerpt}>No page holds these words.</p>
        )}
      </nav>
      {page ? <Article key={page.slug} page={page} /> : <NotFound />}
    </div>
  );
}
