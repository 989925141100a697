/** The panel of the selected node: parameters, settings, data. */

import { ActionIcon, CopyButton, Menu, Tabs, Tooltip, VisuallyHidden } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Check, Copy, CopyPlus, EllipsisVertical, FlaskConical, Power, Trash2, X } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { api, value } from "../../api/client.ts";
import { RunData } from "../../executions/data/RunData.tsx";
import { formatDateTime } from "../../lib/format.ts";
import { TypeIcon } from "../icons.tsx";
import { fragmentOf, paste } from "../model/clipboard.ts";
import * as commands from "../model/commands.ts";
import { isObject, type Json, type WorkflowNode } from "../model/document.ts";
import { applicable, type Field } from "../model/fields.ts";
import { describe, isKnown } from "../model/nodeTypes.ts";
import { useLive } from "../session/live.ts";
import { inputOf } from "../session/scope.ts";
import { useDocument, useNode, useSession } from "../session/session.tsx";
import { CredentialPicker } from "./CredentialPicker.tsx";
import { ExpressionInput } from "./ExpressionInput.tsx";
import { OneField } from "./Fields.tsx";
import { FormProvider, Frame } from "./form.tsx";
import classes from "./Inspector.module.css";
import { NodeDataTab } from "./NodeDataTab.tsx";
import { NodeSettings } from "./NodeSettings.tsx";

interface Props {
  readonly id: string;
  readonly onTest: (id: string) => void;
  readonly onClose: () => void;
}

/** The workspace's variables, for completion. */
function useEnv(): Readonly<Record<string, Json>> {
  const { data } = useQuery({
    queryKey: ["variables", "values"],
    queryFn: async () => (await value(api.GET("/api/variables"))) as unknown as Record<string, Json>,
    staleTime: 60_000,
    retry: false,
  });
  return isObject(data) ? data : {};
}

/** The panel of a node. */
export function Inspector({ id, onTest, onClose }: Props) {
  const node = useNode(id);
  const env = useEnv();
  const [tab, setTab] = useState<string | null>("parameters");
  const insert = useRef<((text: string) => void) | null>(null);
  const [canInsert, setCanInsert] = useState(false);
  if (!node) return null;
  const onInsert = (made: ((text: string) => void) | null) => {
    insert.current = made;
    setCanInsert(made !== null);
  };
  return (
    <section className={classes.inspector} aria-label={`Node ${node.name}`}>
      <Head node={node} onTest={() => onTest(id)} onClose={onClose} />
      <Tabs
        value={tab}
        onChange={setTab}
        keepMounted={false}
        style={{ display: "flex", flexDirection: "column", flex: 1, minHeight: 0 }}
      >
        <Tabs.List px={8}>
          <Tabs.Tab value="parameters">Parameters</Tabs.Tab>
          <Tabs.Tab value="settings">Settings</Tabs.Tab>
          <Tabs.Tab value="data">Data</Tabs.Tab>
        </Tabs.List>
        <FormProvider node={node} env={env} onInsert={onInsert} key={node.id}>
          <Tabs.Panel value="parameters" className={classes.panel}>
            <Parameters node={node} />
            <InputData
              node={node}
              onPick={canInsert ? (expression) => insert.current?.(`{{ ${expression} }}`) : undefined}
            />
          </Tabs.Panel>
          <Tabs.Panel value="settings" className={classes.panel}>
            <NodeSettings node={node} />
          </Tabs.Panel>
          <Tabs.Panel value="data" className={classes.panel}>
            <NodeDataTab node={node} onPick={undefined} />
          </Tabs.Panel>
        </FormProvider>
      </Tabs>
    </section>
  );
}

function Head({ node, onTest, onClose }: { node: WorkflowNode; onTest: () => void; onClose: () => void }) {
  const session = useSession();
  const type = describe(node.type);
  const going = useLive(session.runs.state, (state) => state.going);
  const act = (label: string, command: Parameters<typeof session.store.run>[1]) =>
    session.store.run({ label }, command);
  const duplicate = () =>
    session.store.add({ label: "Duplicate" }, (doc) => paste(doc, fragmentOf(doc, new Set([node.id]))));
  return (
    <header className={classes.head}>
      <VisuallyHidden component="h2">Node {node.name}</VisuallyHidden>
      <span className={classes.icon} data-category={type.category}>
        <TypeIcon name={type.icon} size={18} />
      </span>
      <div>
        <NameInput node={node} />
        <div className={classes.type}>{type.label}</div>
      </div>
      <div className={classes.actions}>
        {!type.trigger && (
          <Tooltip label="Run only this node, with the data of the last run">
            <ActionIcon variant="light" aria-label="Test this node" loading={going} onClick={onTest}>
              <FlaskConical size={15} aria-hidden />
            </ActionIcon>
          </Tooltip>
        )}
        <Menu>
          <Menu.Target>
            <ActionIcon variant="subtle" color="gray" aria-label="More for this node">
              <EllipsisVertical size={15} aria-hidden />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item leftSection={<CopyPlus size={14} aria-hidden />} onClick={duplicate}>
              Duplicate
            </Menu.Item>
            <Menu.Item
              leftSection={<Power size={14} aria-hidden />}
              onClick={() =>
                act("Switch a node off or on", (doc) => commands.toggleDisabled(doc, new Set([node.id])))
              }
            >
              {node.disabled ? "Switch on" : "Switch off"}
            </Menu.Item>
            <Menu.Item
              color="red"
              leftSection={<Trash2 size={14} aria-hidden />}
              onClick={() => act("Delete a node", (doc) => commands.deleteNodes(doc, new Set([node.id])))}
            >
              Delete
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
        <ActionIcon variant="subtle" color="gray" aria-label="Close the panel" onClick={onClose}>
          <X size={16} aria-hidden />
        </ActionIcon>
      </div>
    </header>
  );
}

/** The name; it is changed when the field is left, so that expressions are rewritten once. */
function NameInput({ node }: { node: WorkflowNode }) {
  const session = useSession();
  const [text, setText] = useState(node.name);
  useEffect(() => setText(node.name), [node.name]);
  const commit = () => {
    if (
      text !== node.name &&
      !session.store.run({ label: "Rename a node" }, (doc) => commands.renameNode(doc, node.id, text))
    )
      setText(node.name);
  };
  return (
    <input
      className={classes.name}
      aria-label="Name of the node"
      value={text}
      maxLength={120}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={commit}
      onKeyDown={(event) => {
        if (event.key === "Enter") event.currentTarget.blur();
        if (event.key === "Escape") {
          setText(node.name);
          event.stopPropagation();
        }
      }}
    />
  );
}

/** The fields of the type under their headings. */
function Parameters({ node }: { node: WorkflowNode }) {
  const type = describe(node.type);
  const shown = applicable(type.fields, node.parameters);
  const groups = new Map<string, Field[]>();
  for (const field of shown) groups.set(field.group ?? "", [...(groups.get(field.group ?? "") ?? []), field]);
  return (
    <>
      {type.credential && <CredentialPicker node={node} />}
      {node.type === "WebhookTrigger" && <WebhookAddress node={node} />}
      {[...groups].map(([group, fields]) => (
        <div key={group}>
          {group !== "" && <h3 className={classes.group}>{group}</h3>}
          {fields.map((field) => (
            <OneField key={`${field.name}:${field.kind}`} field={field} path={[field.name]} />
          ))}
          {group === "" && node.type === "ScheduleTrigger" && <NextRuns />}
        </div>
      ))}
      {!isKnown(node.type) && <RawParameters node={node} />}
      {shown.length === 0 && isKnown(node.type) && <p className={classes.help}>Nothing to set here.</p>}
    </>
  );
}

/** What the node is given, to pick from while a field is filled in. */
function InputData({
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
      <p className={classes.help}>
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

/** The URL that the webhook listens at. */
function WebhookAddress({ node }: { node: WorkflowNode }) {
  const session = useSession();
  const facts = useLive(session.facts, (known) => known);
  const path = typeof node.parameters.path === "string" ? node.parameters.path.replace(/^\/+|\/+$/g, "") : "";
  if (path === "") return null;
  const base = facts.webhookUrl?.replace(/\/webhook\/.*$/, "") ?? window.location.origin;
  const url = `${base}/webhook/${path}`;
  return (
    <div className={classes.field}>
      <div className={classes.label}>URL</div>
      <div className={classes.url}>
        <code title={url}>{url}</code>
        <CopyButton value={url}>
          {({ copied, copy }) => (
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={copied ? "Copied" : "Copy the URL"}
              onClick={copy}
            >
              {copied ? <Check size={14} aria-hidden /> : <Copy size={14} aria-hidden />}
            </ActionIcon>
          )}
        </CopyButton>
      </div>
      <p className={classes.help}>
        {facts.status === "active" ? "It listens now." : "It listens once the workflow is active."}
      </p>
    </div>
  );
}

/** When the schedule fires next. */
function NextRuns() {
  const session = useSession();
  const next = useLive(session.verdict, (found) => found.nextRuns);
  if (next.length === 0) return null;
  return (
    <div className={classes.field}>
      <div className={classes.label}>Next times</div>
      <ol className={classes.next}>
        {next.map((time) => (
          <li key={time}>
            <time dateTime={time}>{formatDateTime(time)}</time>
          </li>
        ))}
      </ol>
    </div>
  );
}
