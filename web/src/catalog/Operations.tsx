/** The operations of a connector in their groups; each opens to its fields and an example. */
import { Button, TextInput } from "@mantine/core";
import { ChevronRight, Search } from "lucide-react";
import { useDeferredValue, useId, useMemo, useState } from "react";
import { count } from "../lib/format.ts";
import { OperationDetail } from "./OperationDetail.tsx";
import classes from "./Operations.module.css";
import type { Connector, OperationSummary } from "./types.ts";

/** From so many on it is worth searching. */
const MANY = 8;
/** So many are shown at once; imported descriptions can have a thousand. */
const STEP = 60;

interface Props {
  connector: Connector;
  /** Makes a workflow of an operation; left out for people who may not. */
  onUse: ((operation: OperationSummary) => void) | undefined;
}

function find(operations: readonly OperationSummary[], typed: string): OperationSummary[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  return operations.filter((operation) => {
    const text = `${operation.name} ${operation.group} ${operation.id} ${operation.path}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

function Entry({ connector, operation, onUse }: Props & { operation: OperationSummary }) {
  const [isOpen, setIsOpen] = useState(false);
  const id = useId();
  return (
    <li className={classes.operation} data-open={isOpen || undefined}>
      <button
        type="button"
        className={classes.summary}
        aria-expanded={isOpen}
        aria-controls={id}
        onClick={() => setIsOpen(!isOpen)}
      >
        <ChevronRight size={14} aria-hidden className={classes.chevron} />
        <span className={classes.name}>
          {operation.name}
          {operation.deprecated && <span className={classes.old}>deprecated</span>}
        </span>
        <span className={classes.path}>
          <span className={classes.method}>{operation.method}</span> {operation.path}
        </span>
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

export function Operations({ connector, onUse }: Props) {
  const [text, setText] = useState("");
  const [most, setMost] = useState(STEP);
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
              <Entry key={operation.id} connector={connector} operation={operation} onUse={onUse} />
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
