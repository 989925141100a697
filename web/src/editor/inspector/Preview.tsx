/** What a field comes to with the data of the last run, evaluated by the server while somebody types. */

import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { inLine } from "../../executions/data/paths.ts";
import type { Json } from "../model/document.ts";
import { hasExpression } from "../model/fields.ts";
import { preview } from "../session/api.ts";
import { useLive } from "../session/live.ts";
import { scopeOf, trimmed } from "../session/scope.ts";
import { useDocument, useSession } from "../session/session.tsx";
import classes from "./Preview.module.css";

/** Milliseconds of quiet before the server is asked. */
const QUIET_MS = 250;

/** The preview below a field. */
export function Preview({ nodeId, value, id }: { nodeId: string; value: Json; id?: string }) {
  const session = useSession();
  const document = useDocument();
  const runs = useLive(session.runs.state, (state) => state);
  const [wanted] = useDebouncedValue(value, QUIET_MS);
  const shows = hasExpression(value);
  const scope = shows ? trimmed(scopeOf(document, nodeId, runs), wanted) : undefined;
  const { data, error } = useQuery({
    queryKey: ["preview", wanted, scope],
    queryFn: ({ signal }) =>
      preview({ value: wanted, roots: scope?.roots ?? {}, nodes: scope?.nodes ?? {} }, signal),
    enabled: shows && hasExpression(wanted),
    placeholderData: keepPreviousData,
    staleTime: 30_000,
    gcTime: 60_000,
  });
  if (!shows) return null;
  const problem = data?.errors[0];
  if (error) return <Line id={id} tone="idle" word="Preview" text="The preview cannot be reached." />;
  if (!data) return <Line id={id} tone="idle" word="Preview" text="…" />;
  if (problem && /^\$(item|index) /.test(problem.message)) {
    return (
      <Line
        id={id}
        tone="idle"
        word="Preview"
        text="Each item has its own value; it is known when the node runs."
      />
    );
  }
  if (problem) {
    const noData = problem.kind === "unresolved" && runs.data.size === 0;
    return (
      <Line
        id={id}
        tone={noData ? "idle" : "bad"}
        word="Preview"
        text={noData ? "Run the workflow once, and the result is shown here." : problem.message}
      />
    );
  }
  return (
    <Line id={id} tone="good" word={typeOf(data.value as Json)} text={inLine(data.value as Json, 400)} />
  );
}

function typeOf(value: Json): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return `list of ${value.length}`;
  return typeof value === "string" ? "text" : typeof value;
}

function Line({
  id,
  tone,
  word,
  text,
}: {
  id: string | undefined;
  tone: string;
  word: string;
  text: string;
}) {
  return (
    <output id={id} className={classes.preview} data-tone={tone}>
      <span className={classes.word}>{word}</span>
      <span className={classes.text}>{text === "" ? "empty" : text}</span>
    </output>
  );
}
