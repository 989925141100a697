/** A canvas to look at: a run coloured by status, or two versions in one. */

import "@xyflow/react/dist/style.css";
import { useComputedColorScheme } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { Controls, ReactFlow, ReactFlowProvider } from "@xyflow/react";
import { useMemo } from "react";
import { moveNodes } from "../model/commands.ts";
import type { WorkflowDocument } from "../model/document.ts";
import { layOut, needsLayout } from "../model/layout.ts";
import { type Run, summarize, wentAlong } from "../session/run.ts";
import classes from "./Canvas.module.css";
import { Dots } from "./Dots.tsx";
import { FlowEdge, type FlowEdgeType } from "./FlowEdge.tsx";
import { type FlowData, FlowNode, type FlowNodeType } from "./FlowNode.tsx";
import { flowEdges, flowNodes } from "./flow.ts";

const NODE_TYPES = { step: FlowNode };
const EDGE_TYPES = { wire: FlowEdge };

interface Props {
  readonly document: WorkflowDocument;
  readonly label: string;
  readonly run?: Run;
  readonly changes?: ReadonlyMap<string, NonNullable<FlowData["change"]>>;
  readonly edgeChanges?: ReadonlyMap<string, "added" | "removed">;
  readonly selected?: string | undefined;
  readonly onSelect?: (id: string | undefined) => void;
}

/** What is seen first: all of it; where there is no room for that in letters that can be read, what is selected. */
const ALL = { maxZoom: 1, padding: 0.2 };
const seenFirst = (selected: string) => ({ nodes: [{ id: selected }], maxZoom: 0.75, padding: 0.2 });

const NOTHING: ReadonlySet<string> = new Set();

/** A canvas to look at. */
export function PassiveCanvas({
  document: given,
  label,
  run,
  changes,
  edgeChanges,
  selected,
  onSelect,
}: Props) {
  const scheme = useComputedColorScheme("light");
  const isNarrow = useMediaQuery("(max-width: 36em)", false, { getInitialValueInEffect: false });
  const document = useMemo(() => (needsLayout(given) ? moveNodes(given, layOut(given)) : given), [given]);
  const nodes = useMemo(
    () =>
      flowNodes(
        document,
        {
          ...(run ? { summary: summarize(run), hasRun: true } : {}),
          ...(changes ? { changes } : {}),
          selected: selected ? new Set([selected]) : NOTHING,
        },
        [],
      ),
    [document, run, changes, selected],
  );
  const edges = useMemo(
    () =>
      flowEdges(
        document,
        {
          selected: NOTHING,
          ...(run ? { went: wentAlong(run) } : {}),
          ...(edgeChanges ? { changes: edgeChanges } : {}),
        },
        {},
        [],
      ),
    [document, run, edgeChanges],
  );
  return (
    <ReactFlowProvider>
      <ReactFlow<FlowNodeType, FlowEdgeType>
        className={`${classes.canvas} ${document.edges.some((edge) => edge.fromPort === "error") ? "has-error-edge" : ""}`}
        aria-label={label}
        colorMode={scheme}
        nodes={nodes}
        edges={edges}
        nodeTypes={NODE_TYPES}
        edgeTypes={EDGE_TYPES}
        nodesDraggable={false}
        nodesConnectable={false}
        edgesFocusable={false}
        deleteKeyCode={null}
        panOnScroll
        fitView
        fitViewOptions={isNarrow && selected ? seenFirst(selected) : ALL}
        minZoom={0.1}
        onNodesChange={(found) => {
          for (const change of found) if (change.type === "select" && change.selected) onSelect?.(change.id);
        }}
        onPaneClick={() => onSelect?.(undefined)}
        onlyRenderVisibleElements={nodes.length > 120}
      >
        <Dots />
        <Controls showInteractive={false} position="bottom-left" />
      </ReactFlow>
    </ReactFlowProvider>
  );
}
