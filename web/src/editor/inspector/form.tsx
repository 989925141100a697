/** What the fields of a form share: which node they are about, how they change it, and the frame around each. */

import { createContext, type ReactNode, useCallback, useContext, useId, useMemo } from "react";
import type { Fault } from "../model/check.ts";
import * as commands from "../model/commands.ts";
import type { Json, WorkflowNode } from "../model/document.ts";
import { valueAt } from "../model/fields.ts";
import { leadingTo } from "../model/graph.ts";
import { useLive } from "../session/live.ts";
import { scopeOf } from "../session/scope.ts";
import { useSession } from "../session/session.tsx";
import type { CompletionData } from "./completion.ts";
import classes from "./Inspector.module.css";

/** A place below the node's parameters. */
export type Path = readonly (string | number)[];

interface Form {
  readonly node: WorkflowNode;
  readonly set: (path: Path, value: Json | undefined) => void;
  readonly completion: () => CompletionData;
  /** Tells the data view how to put an expression where the caret is. */
  readonly onInsert: (insert: ((text: string) => void) | null) => void;
  readonly env: Readonly<Record<string, Json>>;
  /** Opens the form for a new credential, which the node gets when it is saved. */
  readonly makeCredential: () => void;
}

const Context = createContext<Form | null>(null);

interface ProviderProps {
  readonly node: WorkflowNode;
  readonly env: Readonly<Record<string, Json>>;
  readonly onInsert: (insert: ((text: string) => void) | null) => void;
  readonly makeCredential: () => void;
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
  const errors = faults.filter((fault) => fault.level === "error");
  const warnings = faults.filter((fault) => fault.level === "warning");
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
      {children({ describedBy, invalid: errors.length > 0 })}
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
  const secret = fault.code === "workflow.pasted_secret";
  return (
    <div className={classes.warning} role="status">
      <p>{fault.message}</p>
      {secret && <MakeCredential fault={fault} />}
    </div>
  );
}

/** Takes the secret out of the field and opens the dialog for a credential. */
function MakeCredential({ fault }: { fault: Fault }) {
  const { set, makeCredential } = useForm();
  const make = () => {
    set(fault.path.slice(1), undefined);
    makeCredential();
  };
  return (
    <button type="button" className={classes.link} onClick={make}>
      Take it out and make a credential
    </button>
  );
}
