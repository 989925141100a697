/** A connection on the canvas, with a button to put a node into it or to remove it. */

import { ActionIcon } from "@mantine/core";
import {
  BaseEdge,
  EdgeLabelRenderer,
  type EdgeProps,
  type Edge as FlowEdgeShape,
  getBezierPath,
  useStore,
} from "@xyflow/react";
import { Plus, X } from "lucide-react";
import { memo } from "react";
import type { Edge } from "../model/document.ts";
import { useLive } from "../session/live.ts";
import classes from "./FlowEdge.module.css";
import { hover, hovered } from "./hover.ts";

/** What the canvas knows of a connection. */
export interface FlowEdgeData extends Record<string, unknown> {
  readonly edge: Edge;
  /** Whether the run that is shown went along it. */
  readonly went?: boolean;
  readonly change?: "added" | "removed";
  readonly onInsert?: (edge: Edge) => void;
  readonly onRemove?: (edge: Edge) => void;
}

/** A connection of the canvas library. */
export type FlowEdgeType = FlowEdgeShape<FlowEdgeData, "wire">;

/** A connection on the canvas. */
export const FlowEdge = memo(function FlowEdge(props: EdgeProps<FlowEdgeType>) {
  const { id, data, selected, sourceX, sourceY, targetX, targetY, sourcePosition, targetPosition } = props;
  const isOver = useLive(hovered, (key) => key === id);
  const [path, x, y] = getBezierPath({ sourceX, sourceY, targetX, targetY, sourcePosition, targetPosition });
  return (
    <>
      <BaseEdge
        id={id}
        path={path}
        interactionWidth={18}
        className={classes.wire}
        data-selected={selected || undefined}
        data-over={isOver || undefined}
        data-went={data?.went || undefined}
        data-error={data?.edge.fromPort === "error" || undefined}
        data-change={data?.change}
      />
      {(selected || isOver) && data?.onRemove && data.onInsert && <Tools id={id} data={data} x={x} y={y} />}
    </>
  );
});

/** The buttons of a connection. They stay as large as a finger is when the canvas is small. */
function Tools({ id, data, x, y }: { id: string; data: FlowEdgeData; x: number; y: number }) {
  const zoom = useStore((state) => state.transform[2]);
  const scale = Math.max(1, 1 / zoom);
  return (
    <EdgeLabelRenderer>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: it only keeps its buttons while the pointer is on them */}
      <div
        className={`${classes.tools} nodrag nopan`}
        style={{ transform: `translate(-50%, -50%) translate(${x}px, ${y}px) scale(${scale})` }}
        onMouseEnter={() => hover(id)}
        onMouseLeave={() => hover(undefined)}
      >
        <ActionIcon
          size="sm"
          variant="default"
          aria-label="Put a node here"
          onClick={() => data.onInsert?.(data.edge)}
        >
          <Plus size={13} aria-hidden />
        </ActionIcon>
        <ActionIcon
          size="sm"
          variant="default"
          aria-label="Remove this connection"
          onClick={() => data.onRemove?.(data.edge)}
        >
          <X size={13} aria-hidden />
        </ActionIcon>
      </div>
    </EdgeLabelRenderer>
  );
}
