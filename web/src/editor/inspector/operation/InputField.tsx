/** One input of an operation or an event; where the service can list the choices, they are offered. */

import type { Connector, DynamicOptions } from "../../../catalog/types.ts";
import type { Field } from "../../model/fields.ts";
import { OneField } from "../Fields.tsx";
import type { Path } from "../form.tsx";
import { DynamicField } from "./DynamicField.tsx";
import type { Owner } from "./options.ts";

/** Methods that a listing may have: anything else could change something at the service. */
const LISTING = ["GET", "POST"];

interface Props {
  readonly field: Field;
  readonly path: Path;
  /** Where its choices come from. */
  readonly options: DynamicOptions | undefined;
  readonly connector: Connector;
  readonly owner: Owner;
}

export function InputField({ field, path, options, connector, owner }: Props) {
  const lister = connector.operations.find((entry) => entry.id === options?.operation);
  const isListed = options && lister && LISTING.includes(lister.method);
  if (isListed && (field.kind === "text" || field.kind === "number")) {
    const needsCredential = connector.auth.length > 0;
    return <DynamicField {...{ field, path, options, owner, needsCredential }} />;
  }
  return <OneField field={field} path={path} />;
}
