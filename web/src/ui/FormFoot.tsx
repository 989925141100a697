/** The end of a form in a dialog: what went wrong, the way out, and the button that sends it. */
import { Alert, Button, Group } from "@mantine/core";
import { sentence } from "../api/problem.ts";

interface Props {
  /** What the button does, in a word. */
  label: string;
  error: Error | null;
  isPending: boolean;
  disabled?: boolean;
  onCancel: () => void;
}

export function FormFoot({ label, error, isPending, disabled = false, onCancel }: Props) {
  return (
    <>
      {error && (
        <Alert color="red" role="alert">
          {sentence(error)}
        </Alert>
      )}
      <Group justify="flex-end" gap="xs">
        <Button variant="subtle" color="gray" onClick={onCancel}>
          Cancel
        </Button>
        <Button type="submit" loading={isPending} disabled={disabled}>
          {label}
        </Button>
      </Group>
    </>
  );
}
