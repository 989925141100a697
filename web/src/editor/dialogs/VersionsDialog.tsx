/** The saved versions: what each has otherwise than now, drawn on the canvas and told in words; and the way back. */

import { Button, Group, Modal, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { sentence } from "../../api/problem.ts";
import { useCan, useMe } from "../../auth/me.ts";
import { inLine } from "../../executions/data/paths.ts";
import { count, formatDateTime } from "../../lib/format.ts";
import { membersQuery } from "../../members/queries.ts";
import { ScreenLoader } from "../../ui/ScreenLoader.tsx";
import { PassiveCanvas } from "../canvas/PassiveCanvas.tsx";
import { type Difference, difference, type ValueChange } from "../model/diff.ts";
import { edgeKey, type WorkflowDocument } from "../model/document.ts";
import { loadVersion, loadVersions, loadWorkflow, rollBack } from "../session/api.ts";
import { useLive } from "../session/live.ts";
import { useDocument, useSession } from "../session/session.tsx";
import classes from "./Dialogs.module.css";

/** Both documents in one, so that what is gone can be drawn too. */
function together(before: WorkflowDocument, after: WorkflowDocument): WorkflowDocument {
  const ids = new Set(after.nodes.map((node) => node.id));
  const keys = new Set(after.edges.map(edgeKey));
  return {
    ...after,
    nodes: [...after.nodes, ...before.nodes.filter((node) => !ids.has(node.id))],
    edges: [...after.edges, ...before.edges.filter((edge) => !keys.has(edgeKey(edge)))],
  };
}

/** Names whoever saved a version, as far as the reader may know who is a member. */
function useNameOf(): (userId: string) => string | undefined {
  const me = useMe();
  const { data } = useInfiniteQuery({ ...membersQuery, enabled: useCan("members.read") });
  const members = data?.pages.flatMap((page) => page.items) ?? [];
  return (id) => (id === me.userId ? "you" : members.find(({ userId }) => userId === id)?.name);
}

/** The saved versions. */
export default function VersionsDialog({ onClose }: { onClose: () => void }) {
  const session = useSession();
  const nameOf = useNameOf();
  const now = useDocument();
  const facts = useLive(session.facts, (known) => known);
  const { data: versions } = useQuery({
    queryKey: ["workflows", "versions", session.id, facts.version],
    queryFn: () => loadVersions(session.id),
  });
  const [wish, setWish] = useState<number>();
  const chosen =
    wish ?? versions?.find((version) => version.version !== facts.version)?.version ?? versions?.[0]?.version;
  const { data: document } = useQuery({
    queryKey: ["workflows", "version", session.id, chosen],
    queryFn: () => loadVersion(session.id, chosen as number),
    enabled: chosen !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const queries = useQueryClient();
  const goBack = async () => {
    try {
      await session.autosave.flush();
      await rollBack(session.id, chosen as number);
      const opened = await loadWorkflow(session.id);
      session.autosave.settle(opened.document, opened.etag, opened.facts.version, opened.document);
      session.store.run({ label: `Go back to version ${chosen}` }, () => opened.document);
      session.facts.set(opened.facts);
      void queries.invalidateQueries({ queryKey: ["workflows"] });
      notifications.show({
        color: "green",
        title: `Version ${chosen} is the newest one again`,
        message: `It was saved as version ${opened.facts.version}; nothing was deleted.`,
      });
      onClose();
    } catch (error) {
      notifications.show({ color: "red", title: "Nothing was changed", message: sentence(error) });
    }
  };
  return (
    <Modal opened onClose={onClose} title="Versions" size="min(96vw, 80rem)">
      <div className={classes.versions}>
        <ul className={classes.versionList} aria-label="Versions">
          {versions?.map((version) => (
            <li key={version.version}>
              <button
                type="button"
                className={classes.version}
                aria-current={version.version === chosen}
                onClick={() => setWish(version.version)}
              >
                <strong>
                  Version {version.version}
                  {version.version === facts.version ? " · newest" : ""}
                  {version.version === facts.activeVersion ? " · active" : ""}
                </strong>
                <span>
                  {[formatDateTime(version.savedAt), nameOf(version.savedBy)].filter(Boolean).join(" · ")}
                </span>
              </button>
            </li>
          ))}
        </ul>
        {document && chosen !== undefined ? (
          <Compare
            before={document}
            after={now}
            version={chosen}
            onGoBack={chosen === facts.version ? undefined : () => void goBack()}
          />
        ) : (
          <ScreenLoader />
        )}
      </div>
    </Modal>
  );
}

function Compare({
  before,
  after,
  version,
  onGoBack,
}: {
  before: WorkflowDocument;
  after: WorkflowDocument;
  version: number;
  onGoBack: (() => void) | undefined;
}) {
  const found = useMemo(() => difference(before, after), [before, after]);
  const both = useMemo(() => together(before, after), [before, after]);
  const changes = useMemo(() => new Map(found.nodes.map((node) => [node.id, node.state])), [found]);
  const edges = useMemo(() => {
    const map = new Map<string, "added" | "removed">();
    for (const edge of found.addedEdges) map.set(edgeKey(edge), "added");
    for (const edge of found.removedEdges) map.set(edgeKey(edge), "removed");
    return map;
  }, [found]);
  return (
    <div className={classes.compare}>
      <Group justify="space-between">
        <Text size="sm" c="dimmed">
          {found.none
            ? `Version ${version} is what you see now.`
            : `What was changed since version ${version}: green is new, yellow is changed, red is gone.`}
        </Text>
        {onGoBack && (
          <Button size="xs" variant="default" onClick={onGoBack}>
            Go back to version {version}
          </Button>
        )}
      </Group>
      <div className={classes.compareCanvas}>
        <PassiveCanvas
          key={version}
          document={both}
          changes={changes}
          edgeChanges={edges}
          label={`Difference to version ${version}`}
        />
      </div>
      <Changes found={found} />
    </div>
  );
}

function Changes({ found }: { found: Difference }) {
  if (found.none) return null;
  return (
    <ul className={classes.changes} aria-label="Changes">
      {found.facts.map((change) => (
        <Line key={change.path} what="Workflow" change={change} />
      ))}
      {found.nodes.map((node) =>
        node.values.length > 0 ? (
          node.values.map((change) => (
            <Line key={`${node.id}.${change.path}`} what={node.after?.name ?? node.id} change={change} />
          ))
        ) : (
          <li key={node.id}>
            <strong>{(node.after ?? node.before)?.name}</strong> {node.state}
          </li>
        ),
      )}
      {found.addedEdges.length > 0 && <li>{count(found.addedEdges.length, "connection")} added</li>}
      {found.removedEdges.length > 0 && <li>{count(found.removedEdges.length, "connection")} removed</li>}
    </ul>
  );
}

function Line({ what, change }: { what: string; change: ValueChange }) {
  return (
    <li>
      <strong>{what}</strong> {change.path}:{" "}
      {change.before !== undefined && <code className={classes.before}>{inLine(change.before)}</code>}{" "}
      {change.after !== undefined && <code className={classes.after}>{inLine(change.after)}</code>}
    </li>
  );
}
