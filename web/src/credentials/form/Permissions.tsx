/** What an OAuth credential asks for, each with its reason. What is only needed for some purposes can be ticked. */
import { Checkbox, Stack, Text } from "@mantine/core";
import type { Permission } from "../../catalog/types.ts";
import classes from "./Permissions.module.css";

interface Props {
  permissions: readonly Permission[];
  ticked: readonly string[];
  disabled: boolean;
  onChange: (ticked: string[]) => void;
}

export function Permissions({ permissions, ticked, disabled, onChange }: Props) {
  return (
    <fieldset className={classes.group}>
      <legend>Permissions</legend>
      <Text size="xs" c="dimmed" mb={6}>
        What you will be asked to allow. Tick more only if your workflows need it.
      </Text>
      <Stack gap={8}>
        {permissions.map(({ scope, reason, optional }) => (
          <Checkbox
            key={scope}
            size="xs"
            label={<code>{scope}</code>}
            description={optional ? reason : `${reason} Always asked for.`}
            checked={!optional || ticked.includes(scope)}
            disabled={disabled || !optional}
            onChange={(event) =>
              onChange(
                event.currentTarget.checked ? [...ticked, scope] : ticked.filter((one) => one !== scope),
              )
            }
            classNames={{ label: classes.label, description: classes.reason }}
          />
        ))}
      </Stack>
    </fieldset>
  );
}
