/** The fields of the chosen way: what identifies, what is secret, where it may go, what it may do. */
import { Stack, Text, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import type { Credential } from "../../api/types.ts";
import { MoreSettings } from "../../ui/MoreSettings.tsx";
import type { CredentialForm } from "../form-state.ts";
import type { Service } from "../service/use-service.ts";
import { type AuthField, needsPerson, shownFields, type Way } from "../ways.ts";
import { DescribedHosts } from "./DescribedHosts.tsx";
import { FieldInput } from "./FieldInput.tsx";
import { HeadersInput } from "./HeadersInput.tsx";
import { HostsInput } from "./HostsInput.tsx";
import { Permissions } from "./Permissions.tsx";

interface Props {
  form: CredentialForm;
  way: Way;
  service: Service;
  stored?: Credential | undefined;
  disabled: boolean;
  /** The secrets of a new credential that the server holds already, so that they are not in the form any more. */
  held: readonly string[];
  wrong: (pointer: string) => string | undefined;
  onChange: (change: Partial<CredentialForm>) => void;
}

export function AuthFields({ form, way, service, stored, disabled, held, wrong, onChange }: Props) {
  const fields = shownFields(way, form.values);
  const first = fields.filter((field) => !field.isMore);
  const more = fields.filter((field) => field.isMore);
  const pointer = (field: AuthField) => (field.secret ? `/data/${field.name}` : `/parameters/${field.name}`);
  const [isOpen, { toggle }] = useDisclosure(more.some((field) => form.values[field.name]));
  const input = (field: AuthField) =>
    field.kind === "headers" ? (
      <HeadersInput
        key={field.name}
        rows={form.headers}
        isSet={stored !== undefined}
        error={wrong(pointer(field))}
        onChange={(headers) => onChange({ headers })}
      />
    ) : (
      <FieldInput
        key={field.name}
        field={field}
        value={form.values[field.name] ?? ""}
        isSet={field.secret && (stored?.secretFields.includes(field.name) ?? false)}
        isHeld={held.includes(field.name)}
        isOptional={field.optional && !field.isNeeded(form.values)}
        error={wrong(pointer(field))}
        onChange={(value) => onChange({ values: { ...form.values, [field.name]: value } })}
      />
    );
  return (
    // A field set that is switched off keeps what was agreed to while somebody allows the access.
    <fieldset disabled={disabled} style={{ border: 0, margin: 0, padding: 0, minWidth: 0 }}>
      <Stack gap="md">
        {first.map(input)}
        {more.length > 0 && (
          <MoreSettings
            isOpen={isOpen || more.some((field) => wrong(pointer(field)) !== undefined)}
            onToggle={toggle}
          >
            {more.map(input)}
          </MoreSettings>
        )}
        {way.permissions.length > 0 && (
          <Permissions
            permissions={way.permissions}
            ticked={form.ticked}
            disabled={disabled}
            onChange={(ticked) => onChange({ ticked })}
          />
        )}
        {way.hosts === "named" && (
          <HostsInput
            value={form.hosts}
            error={wrong("/allowedHosts")}
            onChange={(hosts) => onChange({ hosts })}
          />
        )}
        {way.hosts === "described" && service.connector && (
          <DescribedHosts rules={service.connector.hosts} values={form.values} />
        )}
        {way.takesTestUrl && !needsPerson(way, form.values) && (
          <TextInput
            label="Test address"
            description="A harmless GET that only an accepted credential can do. “Test connection” calls it."
            placeholder="https://api.example.com/me"
            value={form.testUrl}
            onChange={(event) => onChange({ testUrl: event.currentTarget.value })}
            error={wrong("/parameters/testUrl")}
          />
        )}
        {service.isGone && (
          <Text size="sm" c="dimmed">
            The connector “{service.id}” is not here any more. The credential goes on working; what it was
            made of cannot be changed.
          </Text>
        )}
      </Stack>
    </fieldset>
  );
}
