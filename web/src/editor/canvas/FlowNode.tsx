/** A node on the canvas: what it is, what it does, how its last run ended, what is wrong with it, its ports, its notes. */

import { Tooltip } from "@mantine/core";
import { Handle, type Node, type NodeProps, Position, useStore } from "@xyflow/react";
import { AlertTriangle, Check, CircleSlash, LoaderCircle, Pin, TriangleAlert, X } from "lucide-react";
import { type MouseEvent, memo, useContext } from "react";
import { useServiceName } from "../../credentials/service/use-service-name.ts";
import { fitText, textWidth } from "../../lib/fit-text.ts";
import { formatDuration } from "../../lib/format.ts";
import { NodeIcon } from "../icons.tsx";
import { NODE_WIDTH } from "../model/commands.ts";
import type { WorkflowNode } from "../model/document.ts";
import { describe, outputPorts, subtitleOf } from "../model/nodeTypes.ts";
import type { NodeSummary } from "../session/run.ts";
import { CanvasActsContext } from "./acts.ts";
import classes from "./FlowNode.module.css";

/** What the canvas knows of a node. */
export interface FlowData extends Record<string, unknown> {
  readonly node: WorkflowNode;
  readonly run?: NodeSummary;
  /** What is wrong, worst first. */
  readonly fault?: { readonly level: "error" | "warning"; readonly messages: readonly string[] };
  readonly pinned?: boolean;
  /** How it differs from another version. */
  readonly change?: "added" | "removed" | "changed" | "moved";
  /** Whether a run is shown, so that what it did not reach is grey. */
  readonly dim?: boolean;
}

/** A node of the canvas library. */
export type FlowNodeType = Node<FlowData, "step">;

const STATUS: Record<string, { word: string; icon: typeof Check }> = {
  success: { word: "Success", icon: Check },
  failed: { word: "Failed", icon: X },
  running: { word: "Running", icon: LoaderCircle },
  waiting: { word: "Waiting", icon: LoaderCircle },
  cancelled: { word: "Cancelled", icon: CircleSlash },
  skipped: { word: "Not reached", icon: CircleSlash },
};

/** Below this zoom, words cannot be read, and many nodes are on the screen: they are drawn as plain boxes. */
const FAR = 0.35;
const isFar = (state: { transform: [number, number, number] }) => state.transform[2] < FAR;

function Status({ run }: { run: NodeSummary }) {
  const { word, icon: Icon } = STATUS[run.status] ?? { word: run.status, icon: Check };
  if (run.status === "skipped") return null;
  const took = run.tookMs > 0 ? formatDuration(run.tookMs) : undefined;
  const many = run.runs > 1 ? `${run.runs} ×` : undefined;
  return (
    <Tooltip label={run.error?.message ?? [word, many, took].filter(Boolean).join(" · ")} multiline maw={320}>
      <span className={classes.status} data-status={run.status}>
        <Icon
          size={12}
          aria-hidden
          strokeWidth={3}
          className={run.status === "running" ? classes.turning : undefined}
        />
        <span className={classes.hidden}>{word}</span>
        {many ?? took}
      </span>
    </Tooltip>
  );
}

function Ports({ node }: { node: WorkflowNode }) {
  const ports = outputPorts(node);
  const { onAddAfter } = useContext(CanvasActsContext);
  return (
    <div className={classes.ports}>
      {ports.map((port) => (
        <div key={port.name} className={classes.port} data-tone={port.tone}>
          {port.label !== "" && <span>{port.label}</span>}
          <Handle
            type="source"
            id={port.name}
            position={Position.Right}
            className={classes.handle}
            {...(onAddAfter
              ? {
                  title: `From “${port.name}”: click to add a node, drag to connect`,
                  "data-adds": true,
                  onClick: (event: MouseEvent) => {
                    event.stopPropagation();
                    onAddAfter(node.id, port.name);
                  },
                }
              : {})}
          />
        </div>
      ))}
    </div>
  );
}

function Marks({ data }: { data: FlowData }) {
  const { fault } = data;
  return (
    <span className={classes.marks}>
      {data.run && <Status run={data.run} />}
      {data.pinned && (
        <Tooltip label="Its output is pinned for tests">
          <span className={classes.mark} data-kind="pin">
            <Pin size={12} aria-label="Pinned" />
          </span>
        </Tooltip>
      )}
      {fault && (
        <Tooltip label={fault.messages.join(" ")} multiline maw={320}>
          <span className={classes.mark} data-kind={fault.level}>
            {fault.level === "error" ? (
              <TriangleAlert size={13} aria-label="Has errors" />
            ) : (
              <AlertTriangle size={13} aria-label="Has warnings" />
            )}
          </span>
        </Tooltip>
      )}
    </span>
  );
}

/** The width of what is not words: padding, border, icon, gaps, the free space beside a port. */
const NOT_WORDS = 102;
const PORT_FONT = "400 10.5px";
const NAME_FONT = "600 13px";
const SUBTITLE_FONT = "400 11.5px";

/** The name and what it does, shortened to the room that the names of the ports leave. */
function Words({ node, far, service }: { node: WorkflowNode; far: boolean; service?: string }) {
  const ports = outputPorts(node);
  const labels = Math.max(...ports.map(({ label }) => textWidth(label, PORT_FONT)));
  const room = NODE_WIDTH - NOT_WORDS - labels;
  // Of two ports the upper one is beside the name and the lower one beside the line below it.
  const isAlone = ports.length === 2 && ports[0]?.label === "";
  const name = fitText(node.name, NAME_FONT, isAlone ? room + labels : room);
  const subtitle = node.disabled ? "Switched off" : (service ?? subtitleOf(node));
  return (
    <span className={classes.words}>
      <span className={classes.name} title={name === node.name ? undefined : node.name}>
        {name}
      </span>
      {!far && <span className={classes.subtitle}>{fitText(subtitle, SUBTITLE_FONT, room)}</span>}
    </span>
  );
}

/** The words of a node that calls a service: only these look into the catalog. */
function ServiceWords({ connector, ...words }: { node: WorkflowNode; far: boolean; connector: string }) {
  return <Words {...words} service={useServiceName(connector)} />;
}

/** A node on the canvas. */
export const FlowNode = memo(function FlowNode({ data, selected }: NodeProps<FlowNodeType>) {
  const far = useStore(isFar);
  const { node } = data;
  const type = describe(node.type);
  return (
    <div
      className={classes.node}
      data-selected={selected || undefined}
      data-off={node.disabled || undefined}
      data-status={data.run?.status}
      data-dim={data.dim || undefined}
      data-fault={data.fault?.level}
      data-change={data.change}
      data-category={type.category}
      data-far={far || undefined}
    >
      {!type.trigger && (
        <Handle type="target" id="input" position={Position.Left} className={classes.handle} />
      )}
      <span className={classes.icon}>
        <NodeIcon node={node} size={36} />
      </span>
      {node.connector ? (
        <ServiceWords node={node} far={far} connector={node.connector} />
      ) : (
        <Words node={node} far={far} />
      )}
      {!far && <Marks data={data} />}
      <Ports node={node} />
      {!far && node.notes && (
        <Tooltip label={node.notes} multiline maw={320} position="bottom">
          <p className={classes.note}>{node.notes}</p>
        </Tooltip>
      )}
    </div>
  );
});
