/** One page of the guide. */
import { useComputedColorScheme } from "@mantine/core";
import { Link, useLocation } from "@tanstack/react-router";
import { type ReactNode, useEffect } from "react";
import Markdown, { type Components, type ExtraProps } from "react-markdown";
import remarkGfm from "remark-gfm";
import { useTitle } from "../ui/use-title.ts";
import classes from "./DocsPage.module.css";
import { anchor, darkImageUrl, type GuidePage, imageUrl } from "./pages.ts";

/** The text of what a heading holds, also where some of it is code. */
function textOf(children: ReactNode): string {
  if (Array.isArray(children)) return children.map(textOf).join("");
  if (typeof children === "object" && children !== null && "props" in children)
    return textOf((children.props as { children?: ReactNode }).children);
  return typeof children === "string" ? children : "";
}

/** The code that the first cell of a row holds: a row of a table of codes or parameters can be linked to. */
function codeOf(node: ExtraProps["node"]): string | undefined {
  const [cell] = node?.children.filter((child) => child.type === "element") ?? [];
  const [first] = cell?.children ?? [];
  if (first?.type !== "element" || first.tagName !== "code") return undefined;
  const [text] = first.children;
  return text?.type === "text" ? text.value : undefined;
}

/** A picture in the colours of the page. */
function Picture({ source, alt }: { source: string; alt: string }) {
  const scheme = useComputedColorScheme();
  const dark = scheme === "dark" ? darkImageUrl(source) : undefined;
  return <img src={dark ?? imageUrl(source)} alt={alt} loading="lazy" />;
}

/** Links between pages stay inside; everything else that leaves the guide opens beside it. */
const components: Components = {
  a: ({ href = "", children }) => {
    const error = /errors\/([a-z_]+)\.md(?:#(.*))?$/.exec(href);
    if (error?.[1]) {
      const isSteps = error[1] === "executions";
      return (
        <Link
          to="/docs/$page"
          params={{ page: isSteps ? "codes" : "errors" }}
          hash={isSteps ? (error[2] ?? "") : error[1]}
        >
          {children}
        </Link>
      );
    }
    const page = /^(?:\.\/)?([a-z-]+)\.md(?:#(.*))?$/.exec(href);
    if (page?.[1]) {
      return (
        <Link to="/docs/$page" params={{ page: page[1] }} hash={page[2] ?? ""}>
          {children}
        </Link>
      );
    }
    if (href.startsWith("#")) return <a href={href}>{children}</a>;
    return /^https?:/.test(href) ? (
      <a href={href} target="_blank" rel="noreferrer">
        {children}
      </a>
    ) : (
      <span>{children}</span>
    );
  },
  img: ({ src, alt }) => <Picture source={String(src ?? "")} alt={alt ?? ""} />,
  h2: ({ children }) => <h2 id={anchor(textOf(children))}>{children}</h2>,
  h3: ({ children }) => <h3 id={anchor(textOf(children))}>{children}</h3>,
  tr: ({ children, node }) => <tr id={codeOf(node)}>{children}</tr>,
  table: ({ children }) => (
    // biome-ignore lint/a11y/useSemanticElements: a set of fields it is not, and a landmark for every table too many
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
    <div className={classes.table} role="group" tabIndex={0} aria-label="Table">
      <table>{children}</table>
    </div>
  ),
  pre: ({ children }) => (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
    <pre tabIndex={0}>{children}</pre>
  ),
};

export function Article({ page }: { page: GuidePage }) {
  useTitle(page.title);
  const hash = useLocation({ select: (location) => location.hash });
  // The page is loaded after the address was set, so the browser has looked for the place too early.
  useEffect(() => {
    const place = hash === "" ? null : document.getElementById(decodeURIComponent(hash));
    place?.scrollIntoView({ block: "start" });
    place?.setAttribute("data-here", "");
    return () => place?.removeAttribute("data-here");
  }, [hash]);
  return (
    <article className={classes.article}>
      <Markdown remarkPlugins={[remarkGfm]} components={components}>
        {page.text}
      </Markdown>
    </article>
  );
}
