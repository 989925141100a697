/** What stands in place of a screen that could not be shown. */
import { Button, Group } from "@mantine/core";
import { useQueryErrorResetBoundary } from "@tanstack/react-query";
import { type ErrorComponentProps, Link, useRouter } from "@tanstack/react-router";
import { useEffect } from "react";
import { ApiError, sentence } from "../api/problem.ts";
import { EmptyState } from "./EmptyState.tsx";
import { useTitle } from "./use-title.ts";

export function RouteError({ error }: ErrorComponentProps) {
  const router = useRouter();
  const { reset } = useQueryErrorResetBoundary();
  useEffect(() => reset(), [reset]);
  if (error instanceof ApiError && error.status === 404) return <NotFound />;
  return (
    <EmptyState
      isScreen
      title={error instanceof ApiError ? error.problem.title : "That did not work"}
      text={sentence(error)}
      role="alert"
      action={<Button onClick={() => router.invalidate()}>Try again</Button>}
    />
  );
}

export function NotFound() {
  useTitle("Not found");
  return (
    <EmptyState
      isScreen
      title="There is nothing here"
      text="This page does not exist, or you have no access to it in this workspace."
      action={
        <Group>
          <Button component={Link} to="/workflows" variant="default">
            Go to workflows
          </Button>
        </Group>
      }
    />
  );
}
