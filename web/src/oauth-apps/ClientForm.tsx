/** The client of an OAuth app: what it is called at the service, its secret, and where that may go. */
import { Stack } from "@mantine/core";
import { type FormEvent, type ReactNode, useState } from "react";
import { ApiError } from "../api/problem.ts";
import type { OauthAppClient } from "../api/types.ts";
import { FieldInput } from "../credentials/form/FieldInput.tsx";
import { HostsInput } from "../credentials/form/HostsInput.tsx";
import type { AuthField } from "../credentials/ways.ts";
import { FormFoot } from "../ui/FormFoot.tsx";
import { MoreSettings } from "../ui/MoreSettings.tsx";
import { clientOf, isNeeded, shownOf } from "./fields.ts";

interface Props {
  readonly fields: readonly AuthField[];
  /** What stands in the fields that are no secret, and the hosts. */
  readonly initial?: { readonly values: Record<string, string>; readonly hosts: readonly string[] };
  /** Whether the service's addresses differ from account to account, so that the hosts have to be named. */
  readonly hasToNameHosts: boolean;
  readonly label: string;
  readonly error: Error | null;
  readonly isPending: boolean;
  readonly children?: ReactNode;
  readonly onSubmit: (client: OauthAppClient) => void;
  readonly onCancel: () => void;
}

export function ClientForm(props: Props) {
  const { fields, initial, hasToNameHosts, label, error, isPending, children, onSubmit, onCancel } = props;
  const [values, setValues] = useState<Record<string, string>>(() => initial?.values ?? {});
  const [hosts, setHosts] = useState<string[]>(() => [...(initial?.hosts ?? [])]);
  const [isTried, setIsTried] = useState(false);
  const shown = shownOf(fields, values);
  const first = shown.filter(({ isMore }) => !isMore);
  const more = shown.filter(({ isMore }) => isMore);
  const [isOpen, setIsOpen] = useState(() => more.some(({ name }) => values[name]));
  const { parameters, data } = clientOf(fields, values);
  const pointer = (field: AuthField) => (field.secret ? `/data/${field.name}` : `/parameters/${field.name}`);
  const isMissing = (field: AuthField) =>
    isNeeded(field, values) && !(field.name in (field.secret ? data : parameters));
  const told = (at: string) => (error instanceof ApiError ? error.field(at) : undefined);
  const wrong = (field: AuthField) =>
    isTried && isMissing(field) ? "This is required." : told(pointer(field));
  const hostsError =
    isTried && hasToNameHosts && hosts.length === 0
      ? "Name the host that gives the tokens."
      : (told("/allowedHosts") ?? told("/allowedHosts/0"));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setIsTried(true);
    if (shown.some(isMissing) || (hasToNameHosts && hosts.length === 0)) return;
    onSubmit({
      parameters: parameters as OauthAppClient["parameters"],
      data: data as OauthAppClient["data"],
      allowedHosts: hosts,
    });
  };
  const isTold = shown.some((field) => told(pointer(field))) || hostsError !== undefined;
  const isWrongInMore = more.some(wrong) || (!hasToNameHosts && hostsError !== undefined);
  const input = (field: AuthField) => (
    <FieldInput
      key={field.name}
      field={field}
      value={values[field.name] ?? ""}
      isOptional={!isNeeded(field, values)}
      error={wrong(field)}
      onChange={(next) => setValues((before) => ({ ...before, [field.name]: next }))}
    />
  );
  const where = (
    <HostsInput
      value={hosts}
      error={hostsError}
      onChange={setHosts}
      description={
        hasToNameHosts
          ? "The service gives tokens at another address for each account. The secret is sent to these hosts alone."
          : "Where the secret may go: the hosts of the service's own addresses, unless you name others."
      }
    />
  );
  return (
    <form onSubmit={submit} autoComplete="off" noValidate>
      <Stack gap="md">
        {children}
        {first.map(input)}
        {hasToNameHosts && where}
        <MoreSettings isOpen={isOpen || isWrongInMore} onToggle={() => setIsOpen(!isOpen)}>
          {more.map(input)}
          {!hasToNameHosts && where}
        </MoreSettings>
        <FormFoot label={label} error={isTold ? null : error} isPending={isPending} onCancel={onCancel} />
      </Stack>
    </form>
  );
}
