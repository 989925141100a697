/** A list of entries with fields of their own: conditions, cases. */

import { ActionIcon, Button } from "@mantine/core";
import { Plus, Trash2 } from "lucide-react";
import { isObject, type Json, type JsonObject } from "../model/document.ts";
import type { Field } from "../model/fields.ts";
import { Fields } from "./Fields.tsx";
import { Frame, type Path, useValue } from "./form.tsx";
import classes from "./Inspector.module.css";

/** Entries that each have the same fields: conditions, cases. */
export function ListField({ field, path }: { field: Field & { kind: "list" }; path: Path }) {
  const [value, set] = useValue(path);
  const items = Array.isArray(value) ? (value as readonly Json[]) : [];
  const add = () => set([...items, fresh(field, items)]);
  return (
    <Frame label={field.label} help={field.help} path={path}>
      {() => (
        <div className={classes.list}>
          {items.map((_, place) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: entries have no other name than their place
            <fieldset key={place} className={classes.entry} aria-label={`${field.itemLabel} ${place + 1}`}>
              <div className={classes.entryFields}>
                <Fields fields={field.fields} path={[...path, place]} />
              </div>
              {items.length > (field.least ?? 0) && (
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  aria-label={`Remove ${field.itemLabel} ${place + 1}`}
                  onClick={() =>
                    set(items.length === 1 ? undefined : items.filter((_, other) => other !== place))
                  }
                >
                  <Trash2 size={14} aria-hidden />
                </ActionIcon>
              )}
            </fieldset>
          ))}
          <Button
            variant="subtle"
            size="xs"
            leftSection={<Plus size={13} aria-hidden />}
            onClick={add}
            disabled={items.length >= field.most}
          >
            Add {field.itemLabel}
          </Button>
        </div>
      )}
    </Frame>
  );
}

/** What a new entry begins with; a port gets a name that no other one has. */
function fresh(field: Field & { kind: "list" }, items: readonly Json[]): JsonObject {
  if (!("port" in field.template)) return field.template;
  const taken = new Set(items.filter(isObject).map((item) => item.port));
  let number = items.length + 1;
  while (taken.has(`case${number}`)) number += 1;
  return { ...field.template, port: `case${number}` };
}
