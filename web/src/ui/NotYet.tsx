/** What stands in place of a list until it is there: lines where it will be, or what went wrong and a way to try again. */
import { Button } from "@mantine/core";
import { sentence } from "../api/problem.ts";
import { EmptyState } from "./EmptyState.tsx";
import { Notice } from "./Notice.tsx";
import classes from "./NotYet.module.css";

interface Props {
  query: { readonly data: unknown; readonly error: Error | null; readonly refetch: () => unknown };
  /** What did not work, when it did not. */
  failed: string;
  /** What the list will look like. */
  shape?: "rows" | "cards";
  /** Whether it is a part of a screen, which takes less room. */
  isPart?: boolean;
}

/** So many that a usual screen is filled, and few enough that nothing jumps up when there is little. */
const AMOUNT = { rows: 6, cards: 9 };

export function NotYet({ query: { data, error, refetch }, failed, shape = "rows", isPart = false }: Props) {
  if (data !== undefined) return null;
  if (error && isPart) {
    return (
      <div className={classes.part}>
        <Notice
          tone="bad"
          title={failed}
          action={
            <Button variant="default" size="xs" onClick={() => void refetch()}>
              Try again
            </Button>
          }
        >
          {sentence(error)}
        </Notice>
      </div>
    );
  }
  if (error) {
    return (
      <EmptyState
        role="alert"
        title={failed}
        text={sentence(error)}
        action={<Button onClick={() => void refetch()}>Try again</Button>}
      />
    );
  }
  return (
    <div className={classes.root} data-shape={shape} role="status" aria-label="Loading">
      {Array.from({ length: isPart ? 2 : AMOUNT[shape] }, (_, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: nothing tells one line from another
        <div key={at} className={classes.item}>
          <span className={classes.line} />
          <span className={classes.line} data-short />
        </div>
      ))}
    </div>
  );
}
