/** The icons of node types and categories. */

import {
  Box,
  Clock,
  Code,
  Database,
  Filter,
  Flag,
  Globe,
  Hourglass,
  type LucideIcon,
  Merge,
  PencilLine,
  Play,
  Plug,
  Radio,
  Repeat,
  Route,
  ShieldAlert,
  Siren,
  Split,
  Webhook,
  Workflow,
} from "lucide-react";
import { Monogram } from "../ui/Monogram.tsx";
import classes from "./icons.module.css";
import type { WorkflowNode } from "./model/document.ts";
import { describe } from "./model/nodeTypes.ts";

const ICONS: Record<string, LucideIcon> = {
  play: Play,
  webhook: Webhook,
  clock: Clock,
  siren: Siren,
  globe: Globe,
  database: Database,
  split: Split,
  route: Route,
  filter: Filter,
  "shield-alert": ShieldAlert,
  "pencil-line": PencilLine,
  merge: Merge,
  code: Code,
  workflow: Workflow,
  repeat: Repeat,
  hourglass: Hourglass,
  flag: Flag,
  plug: Plug,
  radio: Radio,
  box: Box,
};

interface Props {
  /** What is shown; a node of a connector gets the tile of its service. */
  readonly node: Pick<WorkflowNode, "type" | "connector">;
  /** The side of the tile, in pixels. */
  readonly size: number;
}

/** The tile of a node: the icon of its type on the colour of its category. */
export function NodeIcon({ node, size }: Props) {
  if (node.connector) return <Monogram name={node.connector} size={size} />;
  const type = describe(node.type);
  const Icon = ICONS[type.icon] ?? Box;
  return (
    <span className={classes.tile} data-category={type.category} style={{ width: size, height: size }}>
      <Icon size={Math.round(size * 0.52)} aria-hidden strokeWidth={1.9} />
    </span>
  );
}
