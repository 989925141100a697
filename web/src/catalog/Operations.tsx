/** The operations of a connector in their groups; each opens to its fields and an example. */
import { Button, TextInput } from "@mantine/core";
import { ChevronRight, Search } from "lucide-react";
import { useDeferredValue, useEffect, useId, useMemo, useRef, useState } from "react";
import { count } from "../lib/format.ts";
import { OperationDetail } from "./OperationDetail.tsx";
import classes from "./Operations.module.css";
import { requestOf } from "./request.ts";
import type { Connector, OperationSummary } from "./types.ts";

/** From so many on it is worth searching. */
const MANY = 8;
/** So many are shown at once; imported descriptions can have a thousand. */
const STEP = 60;

interface Props {
  connector: Connector;
  /** Makes a workflow of an operation; left out for people who may not. */
  onUse: ((operation: OperationSummary) => void) | undefined;
  /** The operation that the address names; it is open, and in sight at first. */
  opened: string | undefined;
  /** Writes into the address which one was opened last, or that it was closed. */
  onOpen: (id: string | undefined) => void;
}

function find(operations: readonly OperationSummary[], typed: string): OperationSummary[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  return operations.filter((operation) => {
    const text = `${operation.name} ${operation.group} ${operation.id} ${operation.path}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

function Entry({ connector, operation, onUse, opened, onOpen }: Props & { operation: OperationSummary }) {
  const isNamed = opened === operation.id;
  const [isOpen, setIsOpen] = useState(isNamed);
  const id = useId();
  const request = requestOf(connector, operation);
  const entry = useRef<HTMLLIElement>(null);
  // Only whoever comes by an address is taken there; a click is where one is already.
  const isArrival = useRef(isNamed);
  useEffect(() => {
    if (isArrival.current) entry.current?.scrollIntoView({ block: "center" });
  }, []);
  const toggle = () => {
    setIsOpen(!isOpen);
    if (!isOpen) onOpen(operation.id);
    else if (isNamed) onOpen(undefined);
  };
  return (
    <li ref={entry} className={classes.operation} data-open={isOpen || undefined}>
      <button
        type="button"
        className={classes.summary}
        aria-expanded={isOpen}
        aria-controls={id}
        onClick={toggle}
      >
        <ChevronRight size={14} aria-hidden className={classes.chevron} />
        <span className={classes.name}>
          {operation.name}
          {operation.deprecated && <span className={classes.old}>deprecated</span>}
        </span>
        {request && (
          <span className={classes.path}>
            <span className={classes.method}>{request.method}</span> {request.path}
          </span>
        )}
      </button>
      {isOpen && (
        <div id={id} className={classes.detail}>
          <OperationDetail connector={connector.id} operation={operation.id} />
          {onUse && (
            <Button variant="default" size="xs" mt="md" onClick={() => onUse(operation)}>
              Use in workflow
            </Button>
          )}
        </div>
      )}
    </li>
  );
}

export function Operations({ connector, ...acts }: Props) {
  const [text, setText] = useState("");
  // As many as it takes until the one that the address names is among them.
  const [most, setMost] = useState(() => {
    const at = connector.operations.findIndex(({ id }) => id === acts.opened);
    return STEP * Math.max(1, Math.ceil((at + 1) / STEP));
  });
  const typed = useDeferredValue(text);
  const found = useMemo(() => find(connector.operations, typed), [connector.operations, typed]);
  const groups = useMemo(() => {
    const made = new Map<string, OperationSummary[]>();
    for (const operation of found.slice(0, most)) {
      const group = operation.group || "Operations";
      made.set(group, [...(made.get(group) ?? []), operation]);
    }
    return [...made];
  }, [found, most]);
  return (
    <div className={classes.list}>
      {connector.operations.length > MANY && (
        <TextInput
          aria-label="Search operations"
          placeholder={`Search ${count(connector.operations.length, "operation")}`}
          leftSection={<Search size={15} aria-hidden />}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
      )}
      {groups.map(([group, operations]) => (
        <section key={group} aria-label={group}>
          <h2 className={classes.group}>{group}</h2>
          <ul className={classes.operations}>
            {operations.map((operation) => (
              <Entry key={operation.id} connector={connector} operation={operation} {...acts} />
            ))}
          </ul>
        </section>
      ))}
      {found.length === 0 && <p className={classes.none}>No operation fits.</p>}
      {found.length > most && (
        <Button variant="default" size="xs" onClick={() => setMost(most + STEP)}>
          Show {Math.min(STEP, found.length - most)} more
        </Button>
      )}
    </div>
  );
}
