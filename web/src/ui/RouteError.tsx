/** What stands in place of a screen that could not be shown. */
import { Button, Group } from "@mantine/core";
import { useQueryClient, useQueryErrorResetBoundary } from "@tanstack/react-query";
import { type ErrorComponentProps, useLocation, useRouter } from "@tanstack/react-router";
import { Lock } from "lucide-react";
import { useEffect } from "react";
import { ApiError, sentence } from "../api/problem.ts";
import { meQuery } from "../auth/me.ts";
import { EmptyState } from "./EmptyState.tsx";
import { LinkButton } from "./links.tsx";
import { useTitle } from "./use-title.ts";

export function RouteError({ error }: ErrorComponentProps) {
  const router = useRouter();
  const queryClient = useQueryClient();
  const { reset } = useQueryErrorResetBoundary();
  useEffect(() => reset(), [reset]);
  if (error instanceof ApiError && error.status === 404) return <NotFound />;
  if (error instanceof ApiError && error.problem.code === "role_insufficient") return <NotAllowed />;
  // The organization began to require a second factor: who is signed in is read again, and leads to its set-up.
  const mustEnrol = error instanceof ApiError && error.problem.code === "mfa_enrolment_required";
  const again = async () => {
    if (mustEnrol) await queryClient.fetchQuery({ ...meQuery, staleTime: 0 });
    await router.invalidate();
  };
  return (
    <EmptyState
      isScreen
      title={error instanceof ApiError ? error.problem.title : "That did not work"}
      text={sentence(error)}
      role="alert"
      action={<Button onClick={again}>{mustEnrol ? "Set up a second factor" : "Try again"}</Button>}
    />
  );
}

/** For a screen that is not for the reader's role: trying again would not help. */
export function NotAllowed() {
  useTitle("Not for your role");
  return (
    <EmptyState
      isScreen
      icon={<Lock size={20} aria-hidden />}
      title="This is not for your role"
      text="An admin of the workspace can show it to you, or give you a role that includes it."
    />
  );
}

export function NotFound() {
  useTitle("Not found");
  const isRun = useLocation({ select: ({ pathname }) => pathname.startsWith("/logs/") });
  return (
    <EmptyState
      isScreen
      title="There is nothing here"
      text="This page does not exist, or you have no access to it in this workspace."
      action={
        <Group>
          <LinkButton to={isRun ? "/logs" : "/workflows"} variant="default">
            {isRun ? "Go to executions" : "Go to workflows"}
          </LinkButton>
        </Group>
      }
    />
  );
}
