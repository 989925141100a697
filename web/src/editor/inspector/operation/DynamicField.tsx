/** An input whose choices the service lists. What is typed counts too: not every account may list everything. */

import { Button, Loader, type OptionsFilter, Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { reason } from "../../../api/problem.ts";
import type { DynamicOptions } from "../../../catalog/types.ts";
import { isObject, type Json } from "../../model/document.ts";
import { type Field, valueAt } from "../../model/fields.ts";
import { labelOf } from "../../model/schema.ts";
import { credentialChoicesQuery } from "../credentials.ts";
import { ExpressionFrame } from "../ExpressionFrame.tsx";
import { type Path, useForm, useValue } from "../form.tsx";
import panel from "../Inspector.module.css";
import own from "./Operation.module.css";
import { inputsFor, loadOptions, type Option, type Owner } from "./options.ts";

interface Props {
  readonly field: Field;
  readonly path: Path;
  readonly options: DynamicOptions;
  readonly owner: Owner;
  /** Whether the service answers nobody whom it does not know. */
  readonly needsCredential: boolean;
}

/** The choices, asked for when the list is opened; each call is a use of the credential, so none is made before. */
function useOptions({ field, path, options, owner, needsCredential }: Props, isOpen: boolean) {
  const { node } = useForm();
  const { data: credentials } = useQuery(credentialChoicesQuery);
  const credentialId = credentials?.find(({ id }) => id === node.credentialId)?.id;
  const beside = valueAt(node.parameters as Json, path.slice(0, -1));
  const given = inputsFor(options, isObject(beside) ? beside : {});
  const inputs = "inputs" in given ? given.inputs : undefined;
  const isUnknown = needsCredential && credentialId === undefined;
  const isReady = !isUnknown && inputs !== undefined;
  const query = useQuery({
    queryKey: ["options", owner, field.name, credentialId, inputs],
    queryFn: ({ signal }) =>
      loadOptions({ owner, input: field.name, credentialId, inputs: inputs ?? {} }, signal),
    enabled: isOpen && isReady,
    staleTime: 60_000,
    retry: false,
  });
  const hint = isUnknown
    ? "Choose a credential, and the choices are listed here. You can type one all the same."
    : "missing" in given
      ? `Fill in “${labelOf(given.missing)}” first, and the choices are listed here.`
      : query.error
        ? "The choices could not be listed. Type what it should be."
        : query.isPending
          ? "Asking the service …"
          : "The service lists none that fits. What you typed is taken.";
  return { query, hint, found: isReady ? (query.data?.items ?? []) : [], isReady };
}

/** The choice whose value was typed, or the only one that is called so. */
export function meant(found: readonly Option[], typed: string): Option | undefined {
  if (typed === "") return undefined;
  const byName = found.filter(({ label }) => label.toLowerCase() === typed.toLowerCase());
  return found.find(({ value }) => value === typed) ?? (byName.length === 1 ? byName[0] : undefined);
}

/** The value of the entry that only says why there is no other. */
const HINT = "\u0000";

/** What fits the search; a list without an entry is none to a screen reader, so that the hint is one. */
const narrowed =
  (hint: string): OptionsFilter =>
  ({ options, search, limit }) => {
    const wanted = search.trim().toLowerCase();
    const fits = (text: string) => text.toLowerCase().includes(wanted);
    const found = options.filter((option) => "value" in option && (fits(option.label) || fits(option.value)));
    return found.length > 0 ? found.slice(0, limit) : [{ value: HINT, label: hint, disabled: true }];
  };

/** What was typed or chosen as the service takes it. */
const asValue = (field: Field, text: string): Json =>
  field.kind === "number" && text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : text;

export function DynamicField(props: Props) {
  const { field, path } = props;
  const [value, setValue] = useValue(path);
  const [isOpen, setIsOpen] = useState(false);
  const [search, setSearch] = useState("");
  const { query, hint, found, isReady } = useOptions(props, isOpen);
  const text = typeof value === "string" || typeof value === "number" ? String(value) : "";
  const set = (next: string | null) => setValue(next === null ? undefined : asValue(field, next));
  const chosen = found.find((option) => option.value === text);
  const typed = search.trim();
  // Whoever types the whole name of a choice means that choice, not its name.
  const named = meant(found, typed);
  const isTyped = typed !== "" && typed !== chosen?.label && !named;
  const leave = () => {
    if (named && named.value !== text && typed !== chosen?.label) set(named.value);
    else if (isTyped && typed !== text) set(typed);
  };
  const data = [
    ...(text !== "" && !chosen ? [{ value: text, label: text }] : []),
    ...found,
    ...(isTyped && typed !== text ? [{ value: typed, label: typed }] : []),
  ];
  const isAsking = isReady && query.isFetching;
  return (
    <ExpressionFrame field={field} path={path}>
      {({ describedBy, invalid }) => (
        <>
          <Select
            aria-label={field.label}
            aria-describedby={describedBy}
            aria-busy={isAsking}
            error={invalid}
            placeholder={field.placeholder ?? "Choose, or type"}
            searchable
            clearable
            limit={80}
            data={data}
            value={text === "" ? null : text}
            searchValue={search}
            onSearchChange={setSearch}
            onDropdownOpen={() => setIsOpen(true)}
            onDropdownClose={() => setIsOpen(false)}
            onChange={set}
            // What was typed and not chosen counts when the field is left, as in every other field.
            onBlur={leave}
            filter={narrowed(hint)}
            {...(isAsking ? { rightSection: <Loader size={14} aria-label="Asking the service" /> } : {})}
            renderOption={({ option }) => (
              <span className={own.words}>
                <span>{isTyped && option.value === typed ? `Use “${typed}”` : option.label}</span>
                {option.label !== option.value && option.value !== HINT && (
                  <span className={own.detail}>{option.value}</span>
                )}
              </span>
            )}
          />
          {isReady && query.error && !query.isFetching && (
            <div className={own.failed} role="alert">
              <p className={panel.error}>
                {reason(query.error)} Look whether the credential has the permission for it, or type the
                value.
              </p>
              <Button size="compact-xs" variant="default" onClick={() => void query.refetch()}>
                Try again
              </Button>
            </div>
          )}
          {query.data?.truncated && (
            <p className={panel.help}>
              Only the first {found.length.toLocaleString()} are listed. Type the one that is missing.
            </p>
          )}
        </>
      )}
    </ExpressionFrame>
  );
}
