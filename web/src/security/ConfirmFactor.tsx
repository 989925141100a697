/** Asks before a factor is removed or recovery codes are replaced. */
import { Alert, Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { sentence } from "../api/problem.ts";
import { useStepUp } from "../auth/step-up.tsx";

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
    <Modal opened onClose={onClose} title={question.title}>
      <Stack gap="md">
        <Text size="sm">{question.text}</Text>
        {act.error && (
          <Alert color="red" role="alert">
            {sentence(act.error)}
          </Alert>
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="subtle" color="gray" onClick={onClose} data-autofocus>
            Cancel
          </Button>
          <Button color="red" loading={act.isPending} onClick={() => act.mutate()}>
            {question.label}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
