/** The fields of a form, drawn from the description of a node type. */

import { Switch } from "@mantine/core";
import { useState } from "react";
import { isObject, type Json } from "../model/document.ts";
import { applicable, type Field, valueAt } from "../model/fields.ts";
import { PlainField } from "./Control.tsx";
import { type Path, useForm, useValue } from "./form.tsx";
import classes from "./Inspector.module.css";
import { ListField } from "./ListField.tsx";
import { PairsField } from "./PairsField.tsx";
import { ValueField } from "./ValueField.tsx";

interface ListProps {
  readonly fields: readonly Field[];
  /** Where the object that holds them stands below the parameters. */
  readonly path: Path;
}

/** The fields of an object that apply to its values, under their headings. */
export function Fields({ fields, path }: ListProps) {
  const { node } = useForm();
  const values = valueAt(node.parameters as Json, path);
  const shown = applicable(fields, isObject(values) ? values : {});
  return shown.map((field) => (
    <OneField key={`${field.name}:${field.kind}`} field={field} path={[...path, field.name]} />
  ));
}

/** One field. */
export function OneField({ field, path }: { field: Field; path: Path }) {
  switch (field.kind) {
    case "pairs":
      return <PairsField field={field} path={path} />;
    case "value":
      return <ValueField field={field} path={path} />;
    case "list":
      return <ListField field={field} path={path} />;
    case "object":
      return <ObjectField field={field} path={path} />;
    case "flag":
      return <FlagField field={field} path={path} />;
    default:
      return <PlainField field={field} path={path} />;
  }
}

function FlagField({ field, path }: { field: Field & { kind: "flag" }; path: Path }) {
  const [value, set] = useValue(path);
  const fallback = field.fallback === true;
  return (
    <div className={classes.field}>
      <Switch
        size="xs"
        label={field.label}
        description={field.help}
        checked={typeof value === "boolean" ? value : fallback}
        onChange={(event) =>
          set(event.currentTarget.checked === fallback ? undefined : event.currentTarget.checked)
        }
      />
    </div>
  );
}

/** An object that is there or not: switched on, its fields appear. */
function ObjectField({ field, path }: { field: Field & { kind: "object" }; path: Path }) {
  const [value, set] = useValue(path);
  const on = isObject(value);
  const [shown, setShown] = useState(false);
  const open = on || shown;
  return (
    <div className={classes.field}>
      <Switch
        size="xs"
        label={field.label}
        description={field.help}
        checked={open}
        onChange={(event) => {
          setShown(event.currentTarget.checked);
          set(event.currentTarget.checked ? {} : undefined);
        }}
      />
      {open && (
        <div className={classes.inner}>
          <Fields fields={field.fields} path={path} />
        </div>
      )}
    </div>
  );
}
