/** The scopes that the reader may make a credential in. */
import { useCan } from "../auth/me.ts";
import { SCOPES } from "./words.ts";

export function useScopes() {
  const allowed: Record<string, boolean> = {
    personal: useCan("credentials.createPersonal"),
    workspace: useCan("credentials.createWorkspace"),
    organization: useCan("credentials.createOrganization"),
  };
  return SCOPES.map((scope) => ({ ...scope, disabled: !allowed[scope.value] }));
}
