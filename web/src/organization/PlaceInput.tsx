/** A workspace, and what somebody is in it. */
import { Select, Stack } from "@mantine/core";
import { useMe } from "../auth/me.ts";
import { type Place, placeWith } from "./policies.ts";

/** What somebody can become by themselves: nobody makes an admin or owner of themselves. */
const ROLES = [
  { value: "viewer", label: "As a viewer" },
  { value: "editor", label: "As an editor" },
];

interface Props {
  shared: object;
  /** What stands there while no workspace is chosen. */
  none: string;
  value: Place | null;
  readOnly: boolean;
  onChange: (value: Place | null) => void;
}

export function PlaceInput({ shared, none, value, readOnly, onChange }: Props) {
  const me = useMe();
  const here = me.workspaces.filter(({ organizationId }) => organizationId === me.organizationId);
  const known = here.map(({ id, name }) => ({ value: id, label: name }));
  // The owner of the organization need not be in every workspace of it.
  const isForeign = value !== null && !known.some((one) => one.value === value.workspaceId);
  const data = isForeign ? [...known, { value: value.workspaceId, label: "Another workspace" }] : known;
  return (
    <Stack gap={6}>
      <Select
        {...shared}
        size="xs"
        placeholder={none}
        data={data}
        value={value?.workspaceId ?? null}
        clearable
        clearButtonProps={{ "aria-label": none }}
        readOnly={readOnly}
        onChange={(workspaceId) => onChange(placeWith(value, { workspaceId: workspaceId ?? "" }))}
      />
      {value && (
        <Select
          aria-label="What they become there"
          size="xs"
          data={ROLES}
          value={value.role}
          allowDeselect={false}
          readOnly={readOnly}
          onChange={(role) => role && onChange(placeWith(value, { role }))}
        />
      )}
    </Stack>
  );
}
