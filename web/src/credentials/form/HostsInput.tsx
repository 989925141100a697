/** The hosts that a credential may be sent to. */
import { TagsInput } from "@mantine/core";

interface Props {
  value: string[];
  error?: string | undefined;
  description?: string;
  onChange: (hosts: string[]) => void;
}

/** Takes the host out of a pasted address; everything else stays as it was typed, for the server to judge. */
export function hostOf(text: string): string {
  const trimmed = text.trim();
  const match = /^https:\/\/([^/?#\s]+)/i.exec(trimmed);
  return match?.[1] ?? trimmed.replace(/^(http:\/\/[^/?#\s]+)[/?#].*$/i, "$1");
}

const USUAL =
  "The secret is only ever sent there, whoever builds the workflow: api.example.com, api.example.com:8443 or *.example.com, for example.";

export function HostsInput({ value, error, description = USUAL, onChange }: Props) {
  return (
    <TagsInput
      label="Allowed hosts"
      description={description}
      placeholder={value.length === 0 ? "api.example.com" : ""}
      value={value}
      onChange={(hosts) => onChange([...new Set(hosts.map(hostOf).filter(Boolean))])}
      splitChars={[",", " ", ";"]}
      acceptValueOnBlur
      error={error}
      data={[]}
    />
  );
}
