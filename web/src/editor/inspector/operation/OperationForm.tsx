/** The panel of a Connector node: the service, what of it is called, and the inputs of that operation. */

import { Alert, Anchor, Button, Loader } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { ChevronRight } from "lucide-react";
import { useMemo, useState } from "react";
import { sentence } from "../../../api/problem.ts";
import { connectorQuery, operationQuery } from "../../../catalog/queries.ts";
import { requestOf } from "../../../catalog/request.ts";
import type { Connector, Operation } from "../../../catalog/types.ts";
import * as commands from "../../model/commands.ts";
import type { WorkflowNode } from "../../model/document.ts";
import { type Field, hasExpression } from "../../model/fields.ts";
import { fieldsOf, helpOf, OPTIONAL, strangers } from "../../model/schema.ts";
import { useSession } from "../../session/session.tsx";
import { CredentialPicker } from "../CredentialPicker.tsx";
import classes from "../Inspector.module.css";
import { InputField } from "./InputField.tsx";
import own from "./Operation.module.css";
import { OperationSelect, ServiceSelect } from "./selects.tsx";

/** As many optional fields are shown without a click. */
const FEW = 4;

export function OperationForm({ node }: { node: WorkflowNode }) {
  const connector = useQuery({
    ...connectorQuery(node.connector ?? ""),
    enabled: node.connector !== undefined,
  });
  return (
    <>
      <ServiceSelect node={node} />
      {connector.error && (
        <Alert color="red" role="alert" mb="md">
          {sentence(connector.error)}
        </Alert>
      )}
      {connector.data && <OperationSelect node={node} connector={connector.data} />}
      {node.connector && <CredentialPicker node={node} />}
      {connector.data && node.operation && (
        <Inputs node={node} connector={connector.data} operation={node.operation} />
      )}
    </>
  );
}

interface InputsProps {
  readonly node: WorkflowNode;
  readonly connector: Connector;
  readonly operation: string;
}

function Inputs({ node, connector, operation: id }: InputsProps) {
  const { data: operation, error } = useQuery(operationQuery(connector.id, id));
  const fields = useMemo(() => (operation ? fieldsOf(operation) : undefined), [operation]);
  if (error && !operation) {
    return (
      <Alert color="red" role="alert">
        {sentence(error)}
      </Alert>
    );
  }
  if (!operation || !fields) return <Loader size="sm" role="status" aria-label="Loading the operation" />;
  const isGiven = (field: Field) => !field.group || node.parameters[field.name] !== undefined;
  const owner = { connector: connector.id, operation: operation.id };
  const input = (field: Field) => (
    <InputField
      key={field.name}
      field={field}
      path={[field.name]}
      options={operation.hints.options?.[field.name]}
      connector={connector}
      owner={owner}
    />
  );
  const first = fields.filter((field) => field.group !== OPTIONAL);
  const others = fields.filter((field) => field.group === OPTIONAL);
  return (
    <>
      <About operation={operation} connector={connector} />
      {first.map(input)}
      {fields.length === 0 && <p className={classes.help}>It needs nothing besides the credential.</p>}
      {others.length > 0 && (
        <Optional key={id} total={others.length} given={others.filter(isGiven).length}>
          {(isOpen) => others.filter((field) => isOpen || isGiven(field)).map(input)}
        </Optional>
      )}
      <Strangers node={node} fields={fields} />
    </>
  );
}

function About({ operation, connector }: { operation: Operation; connector: Connector }) {
  const help = helpOf(operation.description);
  const request = requestOf(connector, operation);
  return (
    <div className={own.about}>
      {help && help !== operation.name && <p>{help}</p>}
      <p className={own.route}>
        {request && (
          <code>
            <b>{request.method}</b> {request.path}
          </code>
        )}
        {connector.documentation && (
          <Anchor href={connector.documentation} target="_blank" rel="noreferrer" size="xs">
            {connector.name}’s documentation
          </Anchor>
        )}
      </p>
      {operation.deprecated && <p className={classes.error}>{connector.name} advises against using it.</p>}
    </div>
  );
}

interface OptionalProps {
  readonly total: number;
  readonly given: number;
  readonly children: (isOpen: boolean) => React.ReactNode;
}

/** What need not be given: folded where it is long, except for what is given. */
function Optional({ total, given, children }: OptionalProps) {
  const [isOpen, setIsOpen] = useState(total <= FEW);
  return (
    <>
      <h3 className={classes.group}>Optional</h3>
      {children(isOpen)}
      {total > FEW && total > given && (
        <Button
          variant="subtle"
          size="xs"
          aria-expanded={isOpen}
          leftSection={
            <ChevronRight size={13} aria-hidden className={own.arrow} data-open={isOpen || undefined} />
          }
          onClick={() => setIsOpen(!isOpen)}
        >
          {isOpen ? "Show fewer" : `Show ${total - given} more`}
        </Button>
      )}
    </>
  );
}

/** Parameters that the operation does not take: they are left from another one, and the server refuses them. */
function Strangers({ node, fields }: { node: WorkflowNode; fields: readonly Field[] }) {
  const session = useSession();
  const names = strangers(node.parameters, fields);
  if (names.length === 0) return null;
  const remove = () =>
    session.store.run({ label: "Remove what the operation does not take" }, (doc) =>
      names.reduce((next, name) => commands.setParameter(next, node.id, [name], undefined), doc),
    );
  return (
    <div className={classes.warning} role="status">
      <p>
        This operation does not take {names.map((name) => `“${name}”`).join(", ")}
        {names.some((name) => hasExpression(node.parameters[name])) ? ", with an expression in it" : ""}.
      </p>
      <button type="button" className={classes.link} onClick={remove}>
        Remove
      </button>
    </div>
  );
}
