/**
 * A table in a frame. Where it is too wide it scrolls by itself, never the page. On a phone each row is a small sheet
 * instead, with the headings beside the values, so that its buttons are in sight.
 */
import { Table, VisuallyHidden } from "@mantine/core";
import type { CSSProperties, ReactNode } from "react";
import classes from "./DataTable.module.css";

interface Props {
  /** What the table lists, for those who cannot see it. */
  label: string;
  /** The headings; an empty one stands above buttons. */
  columns: string[];
  children: ReactNode;
}

/** The headings as texts that the style sheet can put beside the values. */
const headings = (columns: string[]): CSSProperties =>
  Object.fromEntries(columns.map((column, at) => [`--heading-${at + 1}`, JSON.stringify(column)]));

export function DataTable({ label, columns, children }: Props) {
  return (
    <section
      className={classes.frame}
      data-stacks={columns.length > 2 || undefined}
      data-acts={columns.at(-1) === "" || undefined}
      style={headings(columns)}
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
      tabIndex={0}
    >
      <Table highlightOnHover className={classes.table}>
        <Table.Thead>
          <Table.Tr>
            {columns.map((column) => (
              <Table.Th key={column}>{column || <VisuallyHidden>Actions</VisuallyHidden>}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>{children}</Table.Tbody>
      </Table>
    </section>
  );
}
