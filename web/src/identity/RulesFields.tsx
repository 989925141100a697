/** Whom a provider signs in, and what it may vouch for. */
import { Group, Select, Stack, Switch, TagsInput, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useMe } from "../auth/me.ts";
import { ROLES } from "../members/queries.ts";
import { MoreSettings } from "../ui/MoreSettings.tsx";
import type { SignInRules } from "./queries.ts";

/** The rules that most providers do not need; a mistake in one of them opens them. */
const FOLDED = ["groupClaim", "trustedAmr", "trustedAcr", "scopes"];

interface Props {
  rules: SignInRules;
  /** What is wrong with a rule, by its name. */
  wrong: (name: string) => string | undefined;
  onChange: (rules: SignInRules) => void;
}

export const ROLE_CHOICES = ROLES.map(({ value, label }) => ({ value, label }));
const SPLIT = [",", " ", ";", "\n"];

export function RulesFields({ rules, wrong, onChange }: Props) {
  const me = useMe();
  const [isOpen, more] = useDisclosure(false);
  const set = (change: Partial<SignInRules>) => onChange({ ...rules, ...change });
  const workspaces = me.workspaces
    .filter(({ organizationId }) => organizationId === me.organizationId)
    .map(({ id, name }) => ({ value: id, label: name }));
  const list = (name: "domains" | "scopes" | "trustedAmr" | "trustedAcr") => ({
    value: rules[name] ?? [],
    error: wrong(name),
    splitChars: SPLIT,
    acceptValueOnBlur: true,
    onChange: (value: string[]) => set({ [name]: value }),
  });
  const given = rules.defaultRole;
  return (
    <Stack gap="md">
      <Switch
        label="Somebody new gets an account"
        description="At the first sign-in, if their address is verified and of one of the domains."
        checked={rules.joins ?? false}
        onChange={(event) => set({ joins: event.currentTarget.checked })}
      />
      {rules.joins && (
        <>
          <TagsInput
            label="Domains"
            placeholder={rules.domains?.length ? "" : "example.com"}
            {...list("domains")}
          />
          <Group grow align="flex-start">
            <Select
              label="They join"
              placeholder="No workspace"
              clearable
              data={workspaces}
              value={given?.workspaceId ?? null}
              error={wrong("defaultRole")}
              onChange={(workspaceId) =>
                set({ defaultRole: workspaceId ? { workspaceId, role: given?.role ?? "viewer" } : null })
              }
            />
            <Select
              label="As"
              data={ROLE_CHOICES}
              value={given?.role ?? null}
              disabled={!given}
              allowDeselect={false}
              onChange={(role) => role && given && set({ defaultRole: { ...given, role } })}
            />
          </Group>
        </>
      )}
      <MoreSettings
        label="Groups, second factors and more"
        isOpen={isOpen || FOLDED.some(wrong)}
        onToggle={more.toggle}
      >
        <TextInput
          label="Claim with the groups"
          placeholder="groups"
          value={rules.groupClaim ?? ""}
          error={wrong("groupClaim")}
          onChange={(event) => set({ groupClaim: event.currentTarget.value || null })}
        />
        <TagsInput
          label="Methods that count as a second factor"
          description="Values of the claim “amr”, for example mfa."
          {...list("trustedAmr")}
        />
        <TagsInput
          label="Contexts that count as a second factor"
          description="Values of the claim “acr”."
          {...list("trustedAcr")}
        />
        <TagsInput
          label="Further scopes"
          description="Asked for besides openid, email and profile."
          {...list("scopes")}
        />
        <Switch
          label="Its addresses count as verified"
          description="For a provider that does not say so itself, such as Entra."
          checked={rules.vouchesForEmail ?? false}
          onChange={(event) => set({ vouchesForEmail: event.currentTarget.checked })}
        />
      </MoreSettings>
    </Stack>
  );
}
