/** Markdown of a guide. Links leave the page in a new tab; nothing in it is read as HTML. */
import Markdown, { type Components } from "react-markdown";
import remarkGfm from "remark-gfm";
import classes from "./Markdown.module.css";

const components: Components = {
  // The page has its own title, so a title of the text is one of its sections.
  h1: ({ children }) => <h2>{children}</h2>,
  a: ({ href = "", children }) =>
    /^https?:/.test(href) ? (
      <a href={href} target="_blank" rel="noreferrer">
        {children}
      </a>
    ) : (
      <span>{children}</span>
    ),
  // A guide has no pictures of other servers: loading one would tell them who reads.
  img: ({ alt }) => <span>{alt}</span>,
  table: ({ children }) => (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
    <section className={classes.table} tabIndex={0} aria-label="Table">
      <table>{children}</table>
    </section>
  ),
};

export default function GuideText({ text }: { text: string }) {
  return (
    <div className={classes.text}>
      <Markdown remarkPlugins={[remarkGfm]} components={components}>
        {text}
      </Markdown>
    </div>
  );
}
