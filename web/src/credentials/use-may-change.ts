/** Who may change which credential. */
import { useCallback } from "react";
import type { Credential } from "../api/types.ts";
import { useMe } from "../auth/me.ts";

/** Whether the reader may change a credential, as far as the page can tell; the server decides. */
export function useMayChange(): (credential: Credential) => boolean {
  const me = useMe();
  const isAdmin = me.role === "admin" || me.role === "owner";
  const isOrganizationAdmin = me.organizationRole === "admin" || me.organizationRole === "owner";
  return useCallback(
    (credential: Credential) => {
      if (credential.scope === "personal") return credential.ownerId === me.userId;
      return credential.scope === "workspace" ? isAdmin : isOrganizationAdmin;
    },
    [me.userId, isAdmin, isOrganizationAdmin],
  );
}
