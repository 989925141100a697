/** Chooses services by their names. One that the catalog does not have stays, under its identifier. */
import { MultiSelect } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { catalogQuery } from "../catalog/queries.ts";

/** The service of requests that no connector describes; it is in no catalog. */
const GENERIC = { value: "http", label: "Any HTTP service" };
/** As many are listed at once; typing finds the others. */
const MOST_SHOWN = 60;

interface Props {
  value: string[];
  placeholder: string;
  readOnly: boolean;
  /** What ties the input to its label and its hint. */
  shared: object;
  onChange: (value: string[]) => void;
}

export function ServicesInput({ value, placeholder, readOnly, shared, onChange }: Props) {
  const { data: services } = useQuery(catalogQuery);
  const choices = useMemo(() => {
    const known = [GENERIC, ...(services ?? []).map(({ id, name }) => ({ value: id, label: name }))];
    const ids = new Set(known.map((choice) => choice.value));
    return [...known, ...value.filter((id) => !ids.has(id)).map((id) => ({ value: id, label: id }))];
  }, [services, value]);
  return (
    <MultiSelect
      {...shared}
      size="xs"
      searchable
      hidePickedOptions
      data={choices}
      limit={MOST_SHOWN}
      nothingFoundMessage="No service has this name."
      placeholder={value.length === 0 ? placeholder : ""}
      value={value}
      readOnly={readOnly}
      onChange={onChange}
    />
  );
}
