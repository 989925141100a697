/** The name of a service as its owner writes it. */
import { useServiceName } from "./use-service-name.ts";

export function ServiceName({ id }: { id: string }) {
  return useServiceName(id);
}
