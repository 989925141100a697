/** The first tab of a node's panel: its parameters, and the data to pick from while they are filled in. */

import { useState } from "react";
import { RunData } from "../../executions/data/RunData.tsx";
import * as commands from "../model/commands.ts";
import { isObject, type WorkflowNode } from "../model/document.ts";
import { applicable, type Field } from "../model/fields.ts";
import { describe, isKnown } from "../model/nodeTypes.ts";
import { POLL_MINUTES } from "../model/types/connector.ts";
import { useLive } from "../session/live.ts";
import { inputOf } from "../session/scope.ts";
import { useDocument, useSession } from "../session/session.tsx";
import { CredentialPicker } from "./CredentialPicker.tsx";
import { ExpressionInput } from "./ExpressionInput.tsx";
import { EventForm } from "./event/EventForm.tsx";
import { OneField } from "./Fields.tsx";
import { Frame } from "./form.tsx";
import classes from "./Inspector.module.css";
import { OperationForm } from "./operation/OperationForm.tsx";
import { NextRuns, WebhookAddress } from "./trigger.tsx";

/** The fields of the type under their headings. */
export function Parameters({ node }: { node: WorkflowNode }) {
  const type = describe(node.type);
  if (node.type === "Connector") return <OperationForm node={node} />;
  if (node.type === "ConnectorTrigger") {
    return (
      <>
        <EventForm node={node} />
        <Groups node={node} fields={type.fields.filter((field) => field !== POLL_MINUTES)} />
      </>
    );
  }
  const shown = applicable(type.fields, node.parameters);
  return (
    <>
      {type.credential && <CredentialPicker node={node} />}
      {node.type === "WebhookTrigger" && <WebhookAddress node={node} />}
      <Groups node={node} fields={shown} />
      {!isKnown(node.type) && <RawParameters node={node} />}
      {shown.length === 0 && isKnown(node.type) && <p className={classes.help}>Nothing to set here.</p>}
    </>
  );
}

/** Fields under their headings. */
function Groups({ node, fields: all }: { node: WorkflowNode; fields: readonly Field[] }) {
  const groups = new Map<string, Field[]>();
  for (const field of all) groups.set(field.group ?? "", [...(groups.get(field.group ?? "") ?? []), field]);
  return [...groups].map(([group, fields]) => (
    <div key={group}>
      {group !== "" && <h3 className={classes.group}>{group}</h3>}
      {fields.map((field) => (
        <OneField key={`${field.name}:${field.kind}`} field={field} path={[field.name]} />
      ))}
      {group === "" && node.type === "ScheduleTrigger" && <NextRuns />}
    </div>
  ));
}

/** What the node is given, to pick from while a field is filled in. */
export function InputData({
  node,
  onPick,
}: {
  node: WorkflowNode;
  onPick: ((expression: string) => void) | undefined;
}) {
  const session = useSession();
  const document = useDocument();
  const input = useLive(session.runs.state, (state) => inputOf(document, node.id, state.data));
  if (input === undefined || input === null || describe(node.type).trigger) return null;
  return (
    <>
      <h3 className={classes.group}>What it is given</h3>
      <p className={`${classes.help} ${classes.before}`}>
        {onPick ? "Click a name to put it where the caret is." : "Click a name to copy it as an expression."}
      </p>
      <RunData label="Input" value={input} root="$input" onPick={onPick} />
    </>
  );
}

/** The parameters of a type without a form of its own, as JSON. */
function RawParameters({ node }: { node: WorkflowNode }) {
  const session = useSession();
  const [text, setText] = useState(() => JSON.stringify(node.parameters, null, 2));
  const set = (typed: string) => {
    setText(typed);
    try {
      const parsed: unknown = JSON.parse(typed);
      if (isObject(parsed))
        session.store.run({ label: `Edit ${node.name}`, key: `raw:${node.id}` }, (doc) =>
          commands.setParameters(doc, node.id, parsed),
        );
    } catch {
      // JSON that is being typed is not whole yet.
    }
  };
  return (
    <Frame label="Parameters" path={[]} help="This editor has no form for this type.">
      {(ids) => (
        <ExpressionInput label="Parameters" language="json" multiline value={text} onChange={set} {...ids} />
      )}
    </Frame>
  );
}
