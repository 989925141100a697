/** Asks before a factor is removed or recovery codes are replaced. */
import { Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useStepUp } from "../auth/step-up.tsx";
import { ConfirmDialog } from "../ui/ConfirmDialog.tsx";

export interface Question {
  title: string;
  text: string;
  label: string;
  act: () => Promise<void>;
}

export function ConfirmFactor({ question, onClose }: { question: Question; onClose: () => void }) {
  const guard = useStepUp();
  const act = useMutation({ mutationFn: () => guard(question.act), gcTime: 0, onSuccess: onClose });
  return (
    <ConfirmDialog
      title={question.title}
      label={question.label}
      error={act.error}
      isPending={act.isPending}
      onConfirm={() => act.mutate()}
      onClose={onClose}
    >
      <Text size="sm">{question.text}</Text>
    </ConfirmDialog>
  );
}
