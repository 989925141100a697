/** A small workflow for tests. */

import { readDocument, type WorkflowDocument } from "./document.ts";

/** Start -> Look up (HTTP) -> Tell (Set), with an expression from Tell to Look up. */
export function chain(): WorkflowDocument {
  return readDocument({
    name: "Orders",
    nodes: [
      { id: "start", name: "Start", type: "Start", parameters: {}, position: { x: 0, y: 0 } },
      {
        id: "call",
        name: "Look up",
        type: "HTTPRequest",
        parameters: { url: "https://api.example/{{ $trigger.id }}" },
        position: { x: 300, y: 0 },
      },
      {
        id: "set",
        name: "Tell",
        type: "Set",
        parameters: { fields: { text: 'Got {{ $node["Look up"].json.body.title }}' } },
        position: { x: 600, y: 0 },
      },
    ],
    edges: [
      { from: "start", to: "call" },
      { from: "call", to: "set" },
    ],
  });
}
