/**
 * The overview in the corner of the canvas. A press or a drag in it moves the canvas there. While the canvas moves only
 * the frame of what is on the screen moves with it; nothing is rendered or painted anew.
 */

import { Panel, useReactFlow, useStoreApi } from "@xyflow/react";
import { memo, type PointerEvent, useEffect, useMemo, useRef } from "react";
import type { FlowNodeType } from "./FlowNode.tsx";
import classes from "./Overview.module.css";
import { overviewOf, windowOf } from "./overview.ts";

const WIDTH = 200;
const HEIGHT = 140;

export const Overview = memo(function Overview({ nodes }: { readonly nodes: readonly FlowNodeType[] }) {
  const store = useStoreApi();
  const flow = useReactFlow();
  const frame = useRef<HTMLDivElement>(null);
  const view = useMemo(
    () =>
      overviewOf(
        nodes.map(({ position }) => position),
        WIDTH,
        HEIGHT,
      ),
    [nodes],
  );
  useEffect(() => {
    let shown = "";
    const draw = () => {
      const element = frame.current;
      const { transform, width, height } = store.getState();
      if (!element) return;
      const at = windowOf(view, transform, width, height);
      const size = `${at.width.toFixed(1)} ${at.height.toFixed(1)}`;
      if (size !== shown) {
        element.style.width = `${at.width}px`;
        element.style.height = `${at.height}px`;
        shown = size;
      }
      element.style.transform = `translate(${at.left}px, ${at.top}px)`;
    };
    draw();
    return store.subscribe(draw);
  }, [store, view]);
  const go = (event: PointerEvent<HTMLDivElement>) => {
    if (event.buttons !== 1) return;
    const box = event.currentTarget.getBoundingClientRect();
    const x = (event.clientX - box.left) / view.scale - view.x;
    const y = (event.clientY - box.top) / view.scale - view.y;
    void flow.setCenter(x, y, { zoom: flow.getZoom() });
  };
  return (
    <Panel position="bottom-right" className={classes.panel}>
      <div
        role="img"
        aria-label="Overview of the canvas"
        className={classes.overview}
        style={{ width: WIDTH, height: HEIGHT }}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          go(event);
        }}
        onPointerMove={go}
      >
        <svg className={classes.nodes} width={WIDTH} height={HEIGHT} aria-hidden>
          <path d={view.path} />
        </svg>
        <div ref={frame} className={classes.window} />
      </div>
    </Panel>
  );
});
