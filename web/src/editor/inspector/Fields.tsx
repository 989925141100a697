/** The fields of a form, drawn from the description of a node type. */

import { SegmentedControl, Switch } from "@mantine/core";
import { useState } from "react";
import { isObject, type Json } from "../model/document.ts";
import { applicable, type Field, valueAt } from "../model/fields.ts";
import { PlainField } from "./Control.tsx";
import { ExpressionFrame } from "./ExpressionFrame.tsx";
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
      return field.explicit ? (
        <ExplicitFlag field={field} path={path} />
      ) : (
        <FlagField field={field} path={path} />
      );
    default:
      return <PlainField field={field} path={path} />;
  }
}

/** Yes, no, or not given at all: services tell the last from "no". */
function ExplicitFlag({ field, path }: { field: Field & { kind: "flag" }; path: Path }) {
  const [value, set] = useValue(path);
  const unset = field.required
    ? []
    : [
        {
          value: "",
          label:
            typeof field.fallback === "boolean" ? `Default (${field.fallback ? "yes" : "no"})` : "Not sent",
        },
      ];
  return (
    <ExpressionFrame field={field} path={path}>
      {() => (
        <SegmentedControl
          size="xs"
          fullWidth
          aria-label={field.label}
          value={typeof value === "boolean" ? (value ? "yes" : "no") : ""}
          onChange={(next) => set(next === "" ? undefined : next === "yes")}
          data={[...unset, { value: "yes", label: "Yes" }, { value: "no", label: "No" }]}
        />
      )}
    </ExpressionFrame>
  );
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
