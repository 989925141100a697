/** Somebody else saved the workflow meanwhile: what to do, and nothing is lost whatever is chosen. */

import { Alert, Button, Group, List, Loader, Modal, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { count } from "../../lib/format.ts";
import { difference, merge } from "../model/diff.ts";
import { loadWorkflow } from "../session/api.ts";
import { useDocument, useSession } from "../session/session.tsx";

/** What to do about a conflict. */
export default function ConflictDialog() {
  const session = useSession();
  const mine = useDocument();
  const { data: theirs } = useQuery({
    queryKey: ["workflows", "conflict", session.id],
    queryFn: () => loadWorkflow(session.id),
    gcTime: 0,
    staleTime: 0,
    refetchOnWindowFocus: false,
  });
  const base = session.autosave.base();
  const both = useMemo(() => (theirs ? merge(base, mine, theirs.document) : undefined), [base, mine, theirs]);
  if (!theirs || !both) {
    return (
      <Modal
        // Another dialog than the one with the choice, which takes the focus to its first answer.
        key="loading"
        opened
        onClose={() => undefined}
        withCloseButton={false}
        title="Somebody else saved this workflow"
      >
        <Loader />
      </Modal>
    );
  }
  const settle = (chosen: typeof mine) => {
    session.autosave.settle(theirs.document, theirs.etag, theirs.facts.version, chosen);
    session.store.run({ label: "Settle a conflict" }, () => chosen);
    session.facts.set(theirs.facts);
  };
  const changed = difference(base, theirs.document);
  return (
    <Modal
      key="choice"
      opened
      onClose={() => undefined}
      withCloseButton={false}
      closeOnEscape={false}
      closeOnClickOutside={false}
      title="Somebody else saved this workflow"
      size="lg"
    >
      <Text size="sm">
        While you were editing, version {theirs.facts.version} was saved in another tab or by somebody else.
        It stays among the versions whatever you choose, and what you have here can be undone.
      </Text>
      <List size="sm" my="sm">
        {changed.nodes.slice(0, 8).map((node) => (
          <List.Item key={node.id}>
            “{(node.after ?? node.before)?.name}” was {node.state}
          </List.Item>
        ))}
        {changed.nodes.length > 8 && (
          <List.Item>and {count(changed.nodes.length - 8, "more node")}</List.Item>
        )}
        {changed.nodes.length === 0 && <List.Item>Only settings or connections were changed</List.Item>}
      </List>
      {both.both.length > 0 && (
        <Alert color="orange" mb="sm">
          Both of you changed {both.both.map((name) => `“${name}”`).join(", ")}. Keeping both takes your
          version of it.
        </Alert>
      )}
      <Group justify="flex-end">
        <Button variant="default" onClick={() => settle(theirs.document)}>
          Take theirs
        </Button>
        <Button variant="default" onClick={() => settle(mine)}>
          Keep only mine
        </Button>
        <Button data-autofocus onClick={() => settle(both.document)}>
          Keep both
        </Button>
      </Group>
    </Modal>
  );
}
