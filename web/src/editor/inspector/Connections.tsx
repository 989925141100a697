/** The ports of a node and where they lead: connecting without a pointer. */

import { MultiSelect } from "@mantine/core";
import * as commands from "../model/commands.ts";
import type { WorkflowNode } from "../model/document.ts";
import { refusalOf } from "../model/graph.ts";
import { outputPorts } from "../model/nodeTypes.ts";
import { useDocument, useSession } from "../session/session.tsx";
import classes from "./Inspector.module.css";

/** Where each port of a node leads. */
export function Connections({ node }: { node: WorkflowNode }) {
  const session = useSession();
  const document = useDocument();
  return (
    <div className={classes.connections}>
      {outputPorts(node).map((port) => {
        const edge = (to: string) => ({ from: node.id, fromPort: port.name, to, toPort: "input" });
        const now = document.edges
          .filter((other) => other.from === node.id && other.fromPort === port.name)
          .map((other) => other.to);
        const choices = document.nodes.filter(
          (other) => now.includes(other.id) || refusalOf(document, edge(other.id)) === null,
        );
        const change = (next: string[]) => {
          const added = next.filter((id) => !now.includes(id));
          const removed = now.filter((id) => !next.includes(id));
          session.store.run({ label: "Change connections" }, (doc) => {
            const left = commands.disconnect(doc, removed.map(edge));
            return added.reduce((made, id) => commands.connect(made, edge(id)), left);
          });
        };
        return (
          <div key={port.name} className={classes.connection}>
            <span className={classes.port}>{port.label || "output"}</span>
            <MultiSelect
              size="xs"
              aria-label={`Port ${port.name} leads to`}
              placeholder={now.length === 0 ? "Nowhere" : undefined}
              searchable
              data={choices.map((other) => ({ value: other.id, label: other.name }))}
              value={now}
              onChange={change}
              nothingFoundMessage="No node can follow here"
            />
          </div>
        );
      })}
    </div>
  );
}
