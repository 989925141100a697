/** The Database node. */

import type { NodeType } from "../nodeTypes.ts";

/** The Database node: one statement, whose values the server binds. */
export const DATABASE: NodeType = {
  type: "Database",
  label: "Database",
  summary: "Runs one SQL statement on a PostgreSQL or MySQL database, with values that the server binds.",
  category: "call",
  icon: "database",
  words: ["sql", "postgres", "postgresql", "mysql", "mariadb", "query", "select", "insert", "table", "rows"],
  credential: "service",
  retries: true,
  defaults: { query: "" },
  subtitle: (values) =>
    typeof values.query === "string" && values.query.trim() !== "" ? values.query.trim() : "No statement",
  fields: [
    {
      kind: "text",
      name: "query",
      label: "Statement",
      required: true,
      fixed: true,
      multiline: true,
      maxLength: 100_000,
      placeholder: "SELECT name FROM people WHERE id = $1",
      help: "Write $1, $2, ... (PostgreSQL) or ? (MySQL) where values belong; it holds no expressions.",
    },
    {
      kind: "value",
      name: "values",
      label: "Values",
      json: true,
      placeholder: "{{ [$trigger.id] }}",
      help: "An array, in the order of the places.",
    },
    {
      kind: "number",
      name: "maxRows",
      label: "At most",
      min: 1,
      max: 100_000,
      fallback: 1_000,
      help: "Rows.",
    },
    {
      kind: "duration",
      name: "timeoutMs",
      label: "Give up after",
      min: 1,
      max: 3_600_000,
      group: "Connection",
      fallback: 30_000,
    },
  ],
};
