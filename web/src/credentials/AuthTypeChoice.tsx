/** How a credential authenticates: the usual ways first, the others on demand. */
import { Button } from "@mantine/core";
import { useState } from "react";
import { OFFERED } from "./auth-types.ts";
import { ChoiceCards } from "./ChoiceCards.tsx";

/** So many are offered at first. */
const USUAL = 4;

export function AuthTypeChoice({ value, onChange }: { value: string; onChange: (name: string) => void }) {
  const isUsual = OFFERED.findIndex((type) => type.name === value) < USUAL;
  const [isWhole, setIsWhole] = useState(!isUsual);
  const shown = isWhole ? OFFERED : OFFERED.slice(0, USUAL);
  return (
    <div>
      <ChoiceCards
        label="How it authenticates"
        columns={2}
        value={value}
        options={shown.map(({ name, label, hint }) => ({ value: name, label, hint }))}
        onChange={onChange}
      />
      {!isWhole && (
        <Button variant="subtle" color="gray" size="compact-xs" mt={6} onClick={() => setIsWhole(true)}>
          {OFFERED.length - USUAL} more ways
        </Button>
      )}
    </div>
  );
}
