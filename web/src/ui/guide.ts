/** Guides of services: Markdown with headings that are the same everywhere. */

/** The section of a guide under a heading of the second level, without the heading. */
export function sectionOf(guide: string, heading: string): string {
  const parts = guide.split(/^## /m);
  const found = parts.find((part) => part.split("\n", 1)[0]?.trim() === heading);
  return found?.split("\n").slice(1).join("\n").trim() ?? "";
}
