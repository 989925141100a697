/** Asks before something is done that cannot be undone, or not easily. The way out has the focus. */
import { Modal, Stack, TextInput } from "@mantine/core";
import { type FormEvent, type ReactNode, useState } from "react";
import { FormFoot } from "./FormFoot.tsx";

interface Props {
  title: string;
  children: ReactNode;
  /** What the button does, in a word. */
  label: string;
  error: Error | null;
  isPending: boolean;
  disabled?: boolean;
  /** What has to be typed first, where a click would be too quick. */
  typed?: string | undefined;
  /** Called with what was typed. */
  onConfirm: (typed: string) => void;
  onClose: () => void;
}

export function ConfirmDialog(props: Props) {
  const { title, children, label, error, isPending, disabled = false, typed, onConfirm, onClose } = props;
  const [text, setText] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onConfirm(text);
  };
  return (
    <Modal opened onClose={onClose} title={title}>
      <form onSubmit={submit}>
        <Stack gap="md">
          {children}
          {typed !== undefined && (
            <TextInput
              label={`Type “${typed}” to confirm`}
              value={text}
              onChange={(event) => setText(event.currentTarget.value)}
              autoComplete="off"
            />
          )}
          <FormFoot
            label={label}
            isDanger
            error={error}
            isPending={isPending}
            disabled={disabled || (typed !== undefined && text !== typed)}
            onCancel={onClose}
          />
        </Stack>
      </form>
    </Modal>
  );
}
