/** The way out. */
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { api, hasKeyInMemory, rememberKey, value } from "../api/client.ts";
import { forgetPins } from "../editor/session/pin-keys.ts";

/** Gives what signs out: the session ends at the server, and nothing of it stays in the page or in the browser. */
export function useSignOut(): () => Promise<void> {
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  return async () => {
    if (hasKeyInMemory()) rememberKey(undefined);
    else await value(api.POST("/api/auth/logout")).catch(() => undefined);
    await navigate({ to: "/login" });
    queryClient.clear();
    forgetPins();
  };
}
