/** Makes a credential without leaving the editor; the node gets it. */

import { useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import type { Credential } from "../../api/types.ts";
import type { Beginning } from "../../credentials/form-state.ts";
import { DATABASE, GENERIC } from "../../credentials/service/use-service.ts";
import * as commands from "../model/commands.ts";
import type { WorkflowNode } from "../model/document.ts";
import { describe } from "../model/nodeTypes.ts";
import { useSession } from "../session/session.tsx";
import { credentialChoicesQuery } from "./credentials.ts";

const AddCredential = lazy(() => import("../../credentials/AddCredential.tsx"));

/** The service that a node's credential is for, where the node says it. */
function serviceOf(node: WorkflowNode): string | undefined {
  if (node.type === "Connector" || node.type === "ConnectorTrigger") return node.connector;
  if (node.type === "Database") return DATABASE;
  return describe(node.type).credential === "inbound" ? GENERIC : undefined;
}

interface Props {
  readonly node: WorkflowNode;
  readonly onClose: () => void;
  /** What the form begins with: a secret that stood in a field of the node. */
  readonly beginning?: Beginning | undefined;
}

export function NewCredential({ node, onClose, beginning }: Props) {
  const session = useSession();
  const queryClient = useQueryClient();
  const pick = (made: Credential) => {
    // It is there at once, and does not look like one that does not exist while the list is asked for again.
    queryClient.setQueryData(credentialChoicesQuery.queryKey, (before) => [...(before ?? []), made]);
    if (!describe(node.type).credential) return;
    session.store.run({ label: "Choose a credential" }, (doc) =>
      commands.setOptions(doc, node.id, { credentialId: made.id }),
    );
  };
  return (
    <Suspense fallback={null}>
      <AddCredential
        service={serviceOf(node) ?? (beginning ? GENERIC : undefined)}
        beginning={beginning}
        onClose={onClose}
        onSaved={pick}
      />
    </Suspense>
  );
}
