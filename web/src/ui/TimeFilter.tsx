/** Narrows a list to a time: a span up to now, or the days between two. */
import { Select, TextInput } from "@mantine/core";
import { useState } from "react";
import { SPANS, type TimeSearch } from "../lib/times.ts";

interface Props {
  search: TimeSearch;
  size?: "xs" | "sm";
  onChange: (change: TimeSearch) => void;
}

export function TimeFilter({ search, size = "sm", onChange }: Props) {
  const [isWished, setIsWished] = useState(false);
  const isByDates = isWished || Boolean(search.from || search.to);
  return (
    <>
      <Select
        size={size}
        w={168}
        aria-label="When"
        data={SPANS.map(({ value, label }) => ({ value, label }))}
        value={isByDates ? "dates" : (search.within ?? "")}
        allowDeselect={false}
        onChange={(within) => {
          setIsWished(within === "dates");
          const span = within && within !== "dates" ? within : undefined;
          onChange({ within: span, from: undefined, to: undefined });
        }}
      />
      {isByDates && (
        <>
          <TextInput
            size={size}
            type="date"
            aria-label="First day"
            max={search.to}
            value={search.from ?? ""}
            onChange={(event) => onChange({ from: event.currentTarget.value || undefined })}
          />
          <TextInput
            size={size}
            type="date"
            aria-label="Last day"
            min={search.from}
            value={search.to ?? ""}
            onChange={(event) => onChange({ to: event.currentTarget.value || undefined })}
          />
        </>
      )}
    </>
  );
}
