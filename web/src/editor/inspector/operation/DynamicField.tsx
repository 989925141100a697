/** An input whose choices the service lists. What is typed counts too: not every account may list everything. */

import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { sentence } from "../../../api/problem.ts";
import type { Connector, DynamicOptions, OperationSummary } from "../../../catalog/types.ts";
import type { Field } from "../../model/fields.ts";
import { labelOf } from "../../model/schema.ts";
import { credentialChoicesQuery } from "../credentials.ts";
import { ExpressionFrame } from "../ExpressionFrame.tsx";
import { useForm, useValue } from "../form.tsx";
import own from "./Operation.module.css";
import { listingOf, loadOptions } from "./options.ts";

interface Props {
  readonly field: Field;
  readonly options: DynamicOptions;
  readonly connector: Connector;
  /** The operation that lists them. */
  readonly lister: OperationSummary;
}

function useOptions({ options, connector, lister }: Props, isOpen: boolean) {
  const { node } = useForm();
  const { data: credentials } = useQuery(credentialChoicesQuery);
  const credential = credentials?.find(({ id }) => id === node.credentialId);
  const connection = (credential?.parameters ?? {}) as Record<string, unknown>;
  const listing = listingOf({ connector, lister, options, parameters: node.parameters, connection });
  const url = "url" in listing ? listing.url : undefined;
  const query = useQuery({
    queryKey: ["options", credential?.id, url?.href],
    queryFn: ({ signal }) => loadOptions(credential?.id ?? "", url as URL, options, signal),
    enabled: isOpen && credential !== undefined && url !== undefined,
    staleTime: 60_000,
    retry: false,
  });
  const hint = !credential
    ? "Choose a credential, and the choices are listed here."
    : "missing" in listing
      ? `Fill in “${labelOf(listing.missing)}” first, and the choices are listed here.`
      : query.error
        ? `The choices could not be listed: ${sentence(query.error)}`
        : query.isPending
          ? "Asking the service …"
          : "The service lists none.";
  return { found: query.data ?? [], hint };
}

export function DynamicField(props: Props) {
  const { field } = props;
  const [value, set] = useValue([field.name]);
  const [isOpen, setIsOpen] = useState(false);
  const [search, setSearch] = useState("");
  const { found, hint } = useOptions(props, isOpen);
  const text = typeof value === "string" || typeof value === "number" ? String(value) : "";
  const chosen = found.find((option) => option.value === text);
  const typed = search.trim();
  const isTyped = typed !== "" && typed !== chosen?.label && !found.some((option) => option.value === typed);
  const data = [
    ...(text !== "" && !chosen ? [{ value: text, label: text }] : []),
    ...found,
    ...(isTyped && typed !== text ? [{ value: typed, label: typed }] : []),
  ];
  return (
    <ExpressionFrame field={field} path={[field.name]}>
      {({ describedBy, invalid }) => (
        <Select
          aria-label={field.label}
          aria-describedby={describedBy}
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
          onChange={(next) => set(next ?? undefined)}
          // What was typed and not chosen counts when the field is left, as in every other field.
          onBlur={() => isTyped && typed !== text && set(typed)}
          nothingFoundMessage={hint}
          renderOption={({ option }) => (
            <span className={own.words}>
              <span>{option.label}</span>
              {option.label !== option.value && <span className={own.detail}>{option.value}</span>}
            </span>
          )}
        />
      )}
    </ExpressionFrame>
  );
}
