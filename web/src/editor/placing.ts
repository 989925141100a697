/** Where a node that is chosen in the palette goes, and how it is brought into view. */

import { useReactFlow } from "@xyflow/react";
import { useCallback } from "react";
import { useCentre } from "./canvas/Canvas.tsx";
import * as commands from "./model/commands.ts";
import { type Edge, nodeById, type Position } from "./model/document.ts";
import { describe } from "./model/nodeTypes.ts";
import { useSession } from "./session/session.tsx";

/** Where a node that is chosen in the palette goes. */
export type Place = {
  readonly after?: { id: string; port: string };
  readonly into?: Edge;
  readonly at?: Position;
};

/** Puts a chosen node where it belongs. */
export function usePlacing() {
  const session = useSession();
  const centre = useCentre();
  return useCallback(
    (what: commands.NewNode, place: Place) => {
      const selected = [...session.store.snapshot().selection.nodes];
      const label = `Add ${what.name ?? describe(what.type).label}`;
      const made = session.store.add({ label }, (doc) => {
        if (place.into) {
          const added = commands.addNodeInto(doc, place.into, what);
          return { document: added.document, ids: [added.id] };
        }
        const after = place.after?.id ?? (selected.length === 1 ? selected[0] : undefined);
        const position = place.at && { x: place.at.x, y: place.at.y - commands.NODE_HEIGHT / 2 };
        const added =
          after !== undefined && nodeById(doc, after)
            ? commands.addNodeAfter(
                doc,
                after,
                { ...what, ...(position ? { position } : {}) },
                place.after?.port,
              )
            : commands.addNode(doc, { ...what, position: position ?? centre() });
        return { document: added.document, ids: [added.id] };
      });
      return made[0];
    },
    [session, centre],
  );
}

/** Brings a node into view if it is outside. */
export function useReveal() {
  const flow = useReactFlow();
  return useCallback(
    (id: string, { focus = true }: { focus?: boolean } = {}) => {
      let tries = 40;
      const look = () => {
        const again = () => {
          tries -= 1;
          if (tries > 0) requestAnimationFrame(look);
        };
        const node = flow.getNode(id);
        const element = document.querySelector<HTMLElement>(`.react-flow__node[data-id="${CSS.escape(id)}"]`);
        const box = document.querySelector(".react-flow")?.getBoundingClientRect();
        // A node is hidden until the canvas library has measured it; a hidden one cannot take the focus.
        if (!node || !box || !element || element.style.visibility === "hidden") {
          again();
          return;
        }
        // Who adds by keyboard goes on from the new node: Enter opens its parameters.
        if (focus) {
          element.focus({ preventScroll: true });
          if (document.activeElement !== element) {
            again();
            return;
          }
        }
        const at = flow.flowToScreenPosition(node.position);
        const inside = at.x > box.left && at.x < box.right - 240 && at.y > box.top && at.y < box.bottom - 80;
        const zoom = Math.min(1, Math.max(0.6, flow.getZoom()));
        if (!inside)
          void flow.setCenter(node.position.x + 116, node.position.y + 36, { zoom, duration: 200 });
      };
      requestAnimationFrame(look);
    },
    [flow],
  );
}
