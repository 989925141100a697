/** Between the document and the canvas library: what is drawn, and what its changes mean. */

import { applyNodeChanges, type Connection, type NodeChange } from "@xyflow/react";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import * as commands from "../model/commands.ts";
import type { Edge } from "../model/document.ts";
import { useLive } from "../session/live.ts";
import { wentAlong } from "../session/run.ts";
import { useDocument, useSession } from "../session/session.tsx";
import type { FlowEdgeType } from "./FlowEdge.tsx";
import type { FlowNodeType } from "./FlowNode.tsx";
import { flowEdges, flowNodes } from "./flow.ts";

/** A connection of the library as the document holds it. */
export const asEdge = (connection: Connection | FlowEdgeType): Edge => ({
  from: connection.source,
  fromPort: connection.sourceHandle ?? "output",
  to: connection.target,
  toPort: "input",
});

/** The nodes as the library holds them: its own positions while something is dragged, the document's else. */
export function useFlowNodes() {
  const session = useSession();
  const document = useDocument();
  const selection = useLive(session.store, (state) => state.selection);
  const runs = useLive(session.runs.state, (state) => state);
  const verdict = useLive(session.verdict, (found) => found);
  const [nodes, setNodes] = useState<FlowNodeType[]>([]);
  useEffect(() => {
    const over = {
      summary: runs.summary,
      hasRun: runs.run !== undefined,
      verdict,
      pinned: (id: string) => runs.data.get(id)?.pinned === true,
      selected: selection.nodes,
    };
    setNodes((before) => flowNodes(document, over, before));
  }, [document, selection, runs, verdict]);
  return [nodes, setNodes] as const;
}

/** The connections as the library holds them. */
export function useFlowEdges(onInsert: (edge: Edge) => void) {
  const session = useSession();
  const document = useDocument();
  const selection = useLive(session.store, (state) => state.selection);
  const run = useLive(session.runs.state, (state) => state.run);
  const before = useRef<FlowEdgeType[]>([]);
  const onRemove = useCallback(
    (edge: Edge) =>
      session.store.run({ label: "Remove a connection" }, (doc) => commands.disconnect(doc, [edge])),
    [session],
  );
  return useMemo(() => {
    const over = { selected: selection.edges, ...(run ? { went: wentAlong(run) } : {}) };
    before.current = flowEdges(document, over, { onInsert, onRemove }, before.current);
    return before.current;
  }, [document, selection, run, onInsert, onRemove]);
}

/** What the library's changes mean for the document. */
export function useChanges(setNodes: (change: (nodes: FlowNodeType[]) => FlowNodeType[]) => void) {
  const session = useSession();
  return useCallback(
    (changes: NodeChange<FlowNodeType>[]) => {
      setNodes((nodes) => applyNodeChanges(changes, nodes));
      const places = new Map<string, { x: number; y: number }>();
      for (const change of changes) {
        // While something is dragged only the screen moves; the document follows when it is let go.
        if (change.type === "position" && change.position && !change.dragging)
          places.set(change.id, change.position);
      }
      if (places.size > 0) {
        const label = places.size === 1 ? "Move a node" : `Move ${places.size} nodes`;
        session.store.run({ label, key: `move:${[...places.keys()].join()}` }, (doc) =>
          commands.moveNodes(doc, places),
        );
      }
      const selects = changes.filter((change) => change.type === "select");
      if (selects.length > 0) {
        const { selection } = session.store.snapshot();
        const next = new Set(selection.nodes);
        for (const change of selects) change.selected ? next.add(change.id) : next.delete(change.id);
        session.store.select(next, selects.some((change) => change.selected) ? [] : selection.edges);
      }
    },
    [session, setNodes],
  );
}
