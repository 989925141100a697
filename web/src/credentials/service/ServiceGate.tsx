/** Shows what needs a service once its description is here; until then that it loads, or why it does not. */
import { Alert, Button, Center, Group, Loader } from "@mantine/core";
import type { ReactNode } from "react";
import { sentence } from "../../api/problem.ts";
import { type Service, serviceLabel, useService } from "./use-service.ts";

interface Props {
  id: string;
  /** In a title there is no room for more than the name. */
  inTitle?: boolean;
  children: (service: Service) => ReactNode;
}

export function ServiceGate({ id, inTitle = false, children }: Props) {
  const { service, error, retry } = useService(id);
  if (service) return children(service);
  if (inTitle) return serviceLabel(id);
  if (error) {
    return (
      <Alert color="red" role="alert" title="What this service needs could not be read">
        <Group justify="space-between">
          {sentence(error)}
          <Button size="xs" variant="default" onClick={retry}>
            Try again
          </Button>
        </Group>
      </Alert>
    );
  }
  return (
    <Center mih={160} role="status" aria-label="Reading what the service needs">
      <Loader />
    </Center>
  );
}
