/** What the fields of a form share: which node they are about, how they change it, and the frame around each. */

import { createContext, type ReactNode, useCallback, useContext, useId, useMemo } from "react";
import type { Beginning } from "../../credentials/form-state.ts";
import type { Fault } from "../model/check.ts";
import * as commands from "../model/commands.ts";
import type { Json, WorkflowNode } from "../model/document.ts";
import { valueAt } from "../model/fields.ts";
import { leadingTo } from "../model/graph.ts";
import { takeOut, textAt } from "../model/pasted.ts";
import { useLive } from "../session/live.ts";
import { scopeOf } from "../session/scope.ts";
import { PASTED_SECRET } from "../session/secrets.ts";
import { useSession } from "../session/session.tsx";
import type { CompletionData } from "./completion.ts";
import classes from "./Inspector.module.css";

/** A place below the node's parameters. */
export type Path = readonly (string | number)[];

/** The values of a credential that are secret; the others may stand in a document. */
const SECRET_VALUES = new Set(["token", "password", "key"]);

interface Form {
  readonly node: WorkflowNode;
  readonly set: (path: Path, value: Json | undefined) => void;
  readonly completion: () => CompletionData;
  /** Tells the data view how to put an expression where the caret is. */
  readonly onInsert: (insert: ((text: string) => void) | null) => void;
  readonly env: Readonly<Record<string, Json>>;
  /** Opens the form for a new credential, which the node gets when it is saved. */
  readonly makeCredential: (beginning?: Beginning) => void;
}

const Context = createContext<Form | null>(null);

interface ProviderProps {
  readonly node: WorkflowNode;
  readonly env: Readonly<Record<string, Json>>;
  readonly onInsert: (insert: ((text: string) => void) | null) => void;
  readonly makeCredential: (beginning?: Beginning) => void;
  readonly children: ReactNode;
}

/** Gives the fields below a node. */
export function FormProvider({ node, env, onInsert, makeCredential, children }: ProviderProps) {
  const session = useSession();
  const set = useCallback(
    (path: Path, value: Json | undefined) => {
      session.store.run({ label: `Edit ${node.name}`, key: `set:${node.id}:${path.join(".")}` }, (doc) =>
        commands.setParameter(doc, node.id, path, value),
      );
    },
    [session, node.id, node.name],
  );
  const completion = useCallback((): CompletionData => {
    const document = session.store.document;
    const scope = scopeOf(document, node.id, session.runs.state.snapshot());
    const before = leadingTo(document.edges, [node.id]);
    const names = document.nodes
      .filter((other) => before.has(other.id) && other.id !== node.id)
      .map((other) => other.name);
    return { ...scope, names, env };
  }, [session, node.id, env]);
  const form = useMemo(
    () => ({ node, set, completion, onInsert, env, makeCredential }),
    [node, set, completion, onInsert, env, makeCredential],
  );
  return <Context.Provider value={form}>{children}</Context.Provider>;
}

/** The form that a field stands in. */
export function useForm(): Form {
  const form = useContext(Context);
  if (!form) throw new Error("This field stands outside of a form.");
  return form;
}

/** The value at a place, and the way to change it; undefined removes it. */
export function useValue(path: Path): readonly [Json | undefined, (value: Json | undefined) => void] {
  const { node, set } = useForm();
  return [valueAt(node.parameters as Json, path), (value) => set(path, value)];
}

/** The faults at a place, worst first. */
export function useFaults(path: Path, isBeside = false): readonly Fault[] {
  const { node } = useForm();
  const session = useSession();
  const all = useLive(session.verdict, (found) => found.byNode.get(node.id));
  return useMemo(() => {
    const at = (isBeside ? path : ["parameters", ...path]).join("/");
    return (all ?? []).filter(
      (fault) =>
        fault.path.join("/") === at ||
        (fault.code !== undefined && fault.path.join("/").startsWith(`${at}/`)),
    );
  }, [all, path, isBeside]);
}

interface FrameProps {
  readonly label: string;
  readonly help?: string | undefined;
  readonly required?: boolean | undefined;
  readonly path: Path;
  /** Whether the path begins at the node instead of at its parameters. */
  readonly isBeside?: boolean;
  readonly aside?: ReactNode;
  readonly below?: ReactNode;
  readonly children: (ids: {
    readonly describedBy: string | undefined;
    readonly invalid: boolean;
  }) => ReactNode;
}

/** The frame around a field: label, the field, its preview, what is wrong, help. */
export function Frame({ label, help, required, path, isBeside, aside, below, children }: FrameProps) {
  const id = useId();
  const faults = useFaults(path, isBeside);
  const isPlain = (fault: Fault) => fault.level === "error" && fault.code !== PASTED_SECRET;
  const errors = faults.filter(isPlain);
  const warnings = faults.filter((fault) => !isPlain(fault));
  const describedBy = faults.length > 0 || help ? id : undefined;
  return (
    <div className={classes.field}>
      <div className={classes.label}>
        <span>
          {label}
          {required && <span className={classes.required}>required</span>}
        </span>
        {aside}
      </div>
      {children({ describedBy, invalid: faults.some((fault) => fault.level === "error") })}
      {below}
      <div id={id}>
        {errors.map((fault) => (
          <p key={fault.message} className={classes.error}>
            {fault.message}
          </p>
        ))}
        {warnings.map((fault) => (
          <Warning key={fault.message} fault={fault} />
        ))}
        {help && <p className={classes.help}>{help}</p>}
      </div>
    </div>
  );
}

/** A warning; one of a pasted secret has the way to make it a credential. */
function Warning({ fault }: { fault: Fault }) {
  return (
    <div className={classes.warning} role="status">
      <p>{fault.message}</p>
      {fault.code === PASTED_SECRET && <PastedSecret fault={fault} />}
    </div>
  );
}

/** Takes the secret out of the field and of undo, and opens the form for a credential that has it already. */
function PastedSecret({ fault }: { fault: Fault }) {
  const { node, set, makeCredential } = useForm();
  const session = useSession();
  const take = () => {
    const taken = takeOut(node, fault.path);
    const text = textAt(node, fault.path);
    if (!taken || text === undefined) return;
    set(fault.path.slice(1), taken.left);
    const secrets = Object.entries(taken.beginning.values).filter(([name]) => SECRET_VALUES.has(name));
    for (const secret of [text, ...secrets.map(([, value]) => value)])
      if (secret !== taken.left) session.store.forget(secret);
    makeCredential(taken.beginning);
  };
  const keep = () => session.allowText(textAt(node, fault.path) ?? "");
  return (
    <div className={classes.choices}>
      <button type="button" className={classes.link} onClick={take}>
        Make it a credential
      </button>
      {fault.level === "error" && (
        <button type="button" className={classes.link} onClick={keep}>
          It is no secret
        </button>
      )}
    </div>
  );
}
