/** The canvas of the editor: drawing, dragging, connecting, and everything by keyboard too. */

import "@xyflow/react/dist/style.css";
import { useComputedColorScheme } from "@mantine/core";
import {
  type Connection,
  Controls,
  type FinalConnectionState,
  Panel,
  ReactFlow,
  type ReactFlowInstance,
  SelectionMode,
  useReactFlow,
} from "@xyflow/react";
import { type DragEvent, useCallback, useEffect, useMemo, useRef } from "react";
import * as commands from "../model/commands.ts";
import type { Edge } from "../model/document.ts";
import { refusalOf } from "../model/graph.ts";
import { describe } from "../model/nodeTypes.ts";
import { useLive } from "../session/live.ts";
import { useSession } from "../session/session.tsx";
import { CanvasActsContext } from "./acts.ts";
import { beginningOf } from "./beginning.ts";
import classes from "./Canvas.module.css";
import { Dots } from "./Dots.tsx";
import { FlowEdge, type FlowEdgeType } from "./FlowEdge.tsx";
import { FlowNode, type FlowNodeType } from "./FlowNode.tsx";
import { hover } from "./hover.ts";
import { Overview } from "./Overview.tsx";
import { SelectionBar } from "./SelectionBar.tsx";
import { asEdge, useChanges, useFlowEdges, useFlowNodes } from "./use-flow.ts";

const NODE_TYPES = { step: FlowNode };
const EDGE_TYPES = { wire: FlowEdge };
/** What a drag from the palette carries. */
export const DRAG_TYPE = "application/x-flero-node";
/** From this many nodes on, only those on the screen are drawn. */
const MANY = 120;

/** What the canvas asks the editor for. */
interface Props {
  /** Opens the palette to choose what stands behind a port or in a connection. */
  readonly onChoose: (place: {
    readonly after?: { id: string; port: string };
    readonly into?: Edge;
    readonly at?: { x: number; y: number };
  }) => void;
  readonly readOnly?: boolean;
}

/** The canvas. */
export function Canvas({ onChoose, readOnly = false }: Props) {
  const session = useSession();
  const scheme = useComputedColorScheme("light");
  const flow = useReactFlow();
  const many = useLive(session.store, (state) => state.document.nodes.length > MANY);
  const hasErrorEdge = useLive(session.store, (state) =>
    state.document.edges.some((edge) => edge.fromPort === "error"),
  );
  const frame = useRef<HTMLDivElement>(null);
  const [nodes, setNodes] = useFlowNodes();
  const onInsert = useCallback((into: Edge) => onChoose({ into }), [onChoose]);
  const edges = useFlowEdges(onInsert);
  const onNodesChange = useChanges(setNodes);
  const connect = useCallback(
    (connection: Connection) =>
      session.store.run({ label: "Connect" }, (doc) => commands.connect(doc, asEdge(connection))),
    [session],
  );
  const mayConnect = useCallback(
    (connection: Connection | FlowEdgeType) => refusalOf(session.store.document, asEdge(connection)) === null,
    [session],
  );
  const letGo = useCallback(
    (event: MouseEvent | TouchEvent, state: FinalConnectionState) => {
      const source = state.fromNode?.id;
      if (!source || state.fromHandle?.type !== "source") return;
      const port = state.fromHandle.id ?? "output";
      if (state.toNode) {
        // Says why it was refused.
        if (!state.isValid)
          connect({ source, sourceHandle: port, target: state.toNode.id, targetHandle: "input" });
        return;
      }
      const point = "changedTouches" in event ? event.changedTouches[0] : event;
      if (point)
        onChoose({
          after: { id: source, port },
          at: flow.screenToFlowPosition({ x: point.clientX, y: point.clientY }),
        });
    },
    [connect, flow, onChoose],
  );
  const drop = useCallback(
    (event: DragEvent) => {
      const carried = event.dataTransfer.getData(DRAG_TYPE);
      if (!carried) return;
      const what = JSON.parse(carried) as commands.NewNode;
      event.preventDefault();
      const at = flow.screenToFlowPosition({ x: event.clientX, y: event.clientY });
      const position = { x: at.x - commands.NODE_WIDTH / 2, y: at.y - commands.NODE_HEIGHT / 2 };
      session.store.add({ label: `Add ${what.name ?? describe(what.type).label}` }, (doc) => {
        const added = commands.addNode(doc, { ...what, position });
        return { document: added.document, ids: [added.id] };
      });
    },
    [flow, session],
  );
  const begin = useCallback(
    (instance: ReactFlowInstance<FlowNodeType, FlowEdgeType>) => {
      const box = frame.current?.getBoundingClientRect();
      const places = session.store.document.nodes.map(({ position }) => position ?? { x: 0, y: 0 });
      if (box && places.length > 0) void instance.setViewport(beginningOf(places, box.width, box.height));
    },
    [session],
  );
  const acts = useMemo(
    () => (readOnly ? {} : { onAddAfter: (id: string, port: string) => onChoose({ after: { id, port } }) }),
    [readOnly, onChoose],
  );
  return (
    <CanvasActsContext.Provider value={acts}>
      <ReactFlow<FlowNodeType, FlowEdgeType>
        ref={frame}
        // An attribute instead of state: no component has to render because the canvas moves.
        onMoveStart={() => frame.current?.setAttribute("data-moving", "")}
        onMoveEnd={() => frame.current?.removeAttribute("data-moving")}
        className={`${classes.canvas} ${hasErrorEdge ? "has-error-edge" : ""}`}
        data-testid="canvas"
        aria-label="Canvas with the workflow's nodes"
        colorMode={scheme}
        nodes={nodes}
        edges={edges}
        nodeTypes={NODE_TYPES}
        edgeTypes={EDGE_TYPES}
        onNodesChange={onNodesChange}
        onEdgeClick={(_, edge) => session.store.select([], [edge.id])}
        onEdgeMouseEnter={(_, edge) => hover(edge.id)}
        onEdgeMouseLeave={() => hover(undefined)}
        onPaneClick={() => session.store.select([])}
        onConnect={connect}
        onConnectEnd={letGo}
        isValidConnection={mayConnect}
        onDrop={drop}
        onDragOver={(event) => event.preventDefault()}
        nodesDraggable={!readOnly}
        nodesConnectable={!readOnly}
        deleteKeyCode={null}
        selectionOnDrag
        selectionMode={SelectionMode.Partial}
        panOnDrag={[1, 2]}
        panOnScroll
        zoomOnDoubleClick={false}
        multiSelectionKeyCode={["Shift", "Meta", "Control"]}
        onlyRenderVisibleElements={many}
        onInit={begin}
        fitViewOptions={{ maxZoom: 1, padding: 0.12 }}
        minZoom={0.1}
        maxZoom={2}
      >
        <Dots />
        <Controls showInteractive={false} position="bottom-left" />
        {nodes.length > 5 && <Overview nodes={nodes} />}
        {!readOnly && <SelectionBar />}
        <Refusal />
      </ReactFlow>
    </CanvasActsContext.Provider>
  );
}

/** Why the last command was not carried out. It goes by itself. */
function Refusal() {
  const { store } = useSession();
  const refusal = useLive(store, (state) => state.refusal);
  useEffect(() => {
    if (refusal === undefined) return;
    const timer = setTimeout(() => store.dismissRefusal(), 6_000);
    return () => clearTimeout(timer);
  }, [refusal, store]);
  return (
    <Panel position="top-center">
      <div role="status" aria-live="polite">
        {refusal && <div className={classes.refusal}>{refusal}</div>}
      </div>
    </Panel>
  );
}

/** Where a new node goes when nothing is selected: the middle of what is seen. */
export function useCentre(): () => { x: number; y: number } {
  const flow = useReactFlow();
  return useCallback(() => {
    const box = document.querySelector(".react-flow")?.getBoundingClientRect();
    const point = box ? { x: box.x + box.width / 2, y: box.y + box.height / 2 } : { x: 0, y: 0 };
    const at = flow.screenToFlowPosition(point);
    return { x: at.x - commands.NODE_WIDTH / 2, y: at.y - commands.NODE_HEIGHT / 2 };
  }, [flow]);
}
