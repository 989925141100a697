/** The end of a form in a dialog: what went wrong, the way out, and the button that sends it. */
import { Alert, Button, Group } from "@mantine/core";
import type { ReactNode } from "react";
import { everyReason } from "../api/problem.ts";
import classes from "./FormFoot.module.css";

interface Props {
  /** What the button does, in a word. */
  label: string;
  error: Error | null;
  /** What stands above the sentence of the error. */
  errorTitle?: string | undefined;
  /** A sentence that says more than the error's own. */
  told?: string | undefined;
  isPending: boolean;
  disabled?: boolean;
  /** Whether it destroys something: the button is red, and the way out has the focus. */
  isDanger?: boolean;
  /** A further button between the two. */
  children?: ReactNode;
  onCancel: () => void;
}

export function FormFoot(props: Props) {
  const {
    label,
    error,
    errorTitle,
    told,
    isPending,
    disabled = false,
    isDanger = false,
    children,
    onCancel,
  } = props;
  return (
    <div className={classes.foot}>
      {error && (
        <Alert color="red" role="alert" mb="sm" {...(errorTitle ? { title: errorTitle } : {})}>
          {told ?? everyReason(error)}
        </Alert>
      )}
      <Group justify="flex-end" gap="xs">
        <Button
          variant="subtle"
          color="gray"
          onClick={onCancel}
          {...(isDanger ? { "data-autofocus": true } : {})}
        >
          Cancel
        </Button>
        {children}
        <Button type="submit" {...(isDanger ? { color: "red" } : {})} loading={isPending} disabled={disabled}>
          {label}
        </Button>
      </Group>
    </div>
  );
}
