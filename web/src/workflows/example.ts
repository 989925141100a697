/** A workflow to begin with that needs no account anywhere: it runs as it is. */

const order = '$node["An order"].json';

export const EXAMPLE = {
  name: "Example: is it a big order?",
  description: "Press Run, then open a node: it shows what went in and what came out.",
  nodes: [
    { id: "start", name: "Start", type: "Start", parameters: {}, position: { x: 0, y: 0 } },
    {
      id: "order",
      name: "An order",
      type: "Set",
      parameters: { fields: { title: "Order 42", customer: "Grace", amount: 120 } },
      position: { x: 320, y: 0 },
    },
    {
      id: "big",
      name: "Is it big?",
      type: "If",
      parameters: { conditions: [{ value1: `{{ ${order}.amount }}`, operator: "greaterThan", value2: 100 }] },
      position: { x: 640, y: 0 },
    },
    {
      id: "yes",
      name: "Say thank you",
      type: "Set",
      parameters: { fields: { message: `{{ ${order}.customer }}, thank you for {{ ${order}.title }}!` } },
      position: { x: 960, y: -90 },
    },
    {
      id: "no",
      name: "Say nothing",
      type: "Set",
      parameters: { fields: { message: "" } },
      position: { x: 960, y: 90 },
    },
  ],
  edges: [
    { from: "start", to: "order" },
    { from: "order", to: "big" },
    { from: "big", fromPort: "true", to: "yes" },
    { from: "big", fromPort: "false", to: "no" },
  ],
};
