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
  Repeat,
  Route,
  ShieldAlert,
  Siren,
  Split,
  Webhook,
  Workflow,
} from "lucide-react";

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
  box: Box,
};

/** The icon of a name in the descriptions of node types. */
export function TypeIcon({ name, size = 16 }: { name: string; size?: number }) {
  const Icon = ICONS[name] ?? Box;
  return <Icon size={size} aria-hidden strokeWidth={1.9} />;
}
