/** The client of an OAuth app: what it is called at the service, its secret, and where that may go. */
import { Button, Collapse, Stack } from "@mantine/core";
import { ChevronDown } from "lucide-react";
import { type FormEvent, type ReactNode, useState } from "react";
import { ApiError } from "../api/problem.ts";
import type { OauthAppClient } from "../api/types.ts";
import { FieldInput } from "../credentials/form/FieldInput.tsx";
import { HostsInput } from "../credentials/form/HostsInput.tsx";
import type { AuthField } from "../credentials/ways.ts";
import { FormFoot } from "../ui/FormFoot.tsx";
import { clientOf } from "./fields.ts";

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
  const [isMore, setIsMore] = useState(hasToNameHosts || hosts.length > 0);
  const { parameters, data } = clientOf(fields, values);
  const pointer = (field: AuthField) => (field.secret ? `/data/${field.name}` : `/parameters/${field.name}`);
  const isMissing = (field: AuthField) =>
    !field.optional && !(field.name in (field.secret ? data : parameters));
  const told = (at: string) => (error instanceof ApiError ? error.field(at) : undefined);
  const wrong = (field: AuthField) =>
    isTried && isMissing(field) ? "This is needed." : told(pointer(field));
  const hostsError =
    isTried && hasToNameHosts && hosts.length === 0
      ? "Name the host that gives the tokens."
      : (told("/allowedHosts") ?? told("/allowedHosts/0"));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setIsTried(true);
    if (fields.some(isMissing) || (hasToNameHosts && hosts.length === 0)) return;
    onSubmit({
      parameters: parameters as OauthAppClient["parameters"],
      data: data as OauthAppClient["data"],
      allowedHosts: hosts,
    });
  };
  const isTold = fields.some((field) => told(pointer(field))) || hostsError !== undefined;
  return (
    <form onSubmit={submit} autoComplete="off" noValidate>
      <Stack gap="md">
        {children}
        {fields.map((field) => (
          <FieldInput
            key={field.name}
            field={field}
            value={values[field.name] ?? ""}
            error={wrong(field)}
            onChange={(next) => setValues((before) => ({ ...before, [field.name]: next }))}
          />
        ))}
        {!hasToNameHosts && (
          <Button
            variant="subtle"
            color="gray"
            size="compact-sm"
            onClick={() => setIsMore(!isMore)}
            aria-expanded={isMore}
            rightSection={<ChevronDown size={14} aria-hidden />}
            style={{ alignSelf: "start" }}
          >
            Where the secret may go
          </Button>
        )}
        <Collapse expanded={isMore || hostsError !== undefined}>
          <HostsInput
            value={hosts}
            error={hostsError}
            onChange={setHosts}
            description={
              hasToNameHosts
                ? "The service gives tokens at another address for each account. The secret is sent to these hosts alone."
                : "The hosts of the service's own addresses, unless you name others."
            }
          />
        </Collapse>
        <FormFoot label={label} error={isTold ? null : error} isPending={isPending} onCancel={onCancel} />
      </Stack>
    </form>
  );
}
