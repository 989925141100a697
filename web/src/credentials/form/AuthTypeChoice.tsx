/** How a credential authenticates: the usual ways first, the others on demand. */
import { Button } from "@mantine/core";
import { useState } from "react";
import { ChoiceCards } from "../ChoiceCards.tsx";
import type { Way } from "../ways.ts";

/** So many are offered at first. */
const USUAL = 4;

interface Props {
  ways: readonly Way[];
  value: string;
  disabled?: boolean;
  onChange: (way: Way) => void;
}

export function AuthTypeChoice({ ways, value, disabled = false, onChange }: Props) {
  const isUsual = ways.findIndex((way) => way.key === value) < USUAL;
  const [isWhole, setIsWhole] = useState(!isUsual);
  const shown = isWhole ? ways : ways.slice(0, USUAL);
  const hidden = ways.length - shown.length;
  return (
    <div>
      <ChoiceCards
        label="How it authenticates"
        columns={2}
        value={value}
        disabled={disabled}
        options={shown.map(({ key, label, hint }) => ({ value: key, label, hint }))}
        onChange={(key) => {
          const way = ways.find((entry) => entry.key === key);
          if (way) onChange(way);
        }}
      />
      {hidden > 0 && (
        <Button variant="subtle" color="gray" size="compact-xs" mt={6} onClick={() => setIsWhole(true)}>
          {hidden} more {hidden === 1 ? "way" : "ways"}
        </Button>
      )}
    </div>
  );
}
