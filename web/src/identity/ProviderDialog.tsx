/** Sets up an OpenID provider, or changes one. Its secret is never shown; an empty field keeps it. */
import { Button, Modal, Stack, Text, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { ApiError } from "../api/problem.ts";
import { FormFoot } from "../ui/FormFoot.tsx";
import { notify } from "../ui/notify.ts";
import { Secret } from "../ui/Secret.tsx";
import { ProofFields } from "./ProofFields.tsx";
import { type IdentityProvider, providerActs, type SignInRules, useIdentityAct } from "./queries.ts";
import { RulesFields } from "./RulesFields.tsx";
import { KEY_METHOD } from "./words.ts";

interface Props {
  /** The one that is changed; none to set one up. */
  provider: IdentityProvider | undefined;
  onClose: () => void;
}

export function ProviderDialog({ provider, onClose }: Props) {
  const [form, setForm] = useState({
    name: provider?.name ?? "",
    issuer: provider?.issuer ?? "",
    clientId: provider?.clientId ?? "",
    clientAuthMethod: provider?.clientAuthMethod ?? "client_secret_basic",
    keyId: provider?.keyId ?? "",
  });
  const [secret, setSecret] = useState("");
  const [rules, setRules] = useState<SignInRules>(provider?.rules ?? {});
  const [made, setMade] = useState<IdentityProvider>();
  const add = useIdentityAct(providerActs.add, (answer) => {
    setSecret("");
    setMade(answer);
  });
  const change = useIdentityAct(providerActs.change, () => {
    notify.done("Saved", "It applies from the next sign-in.");
    onClose();
  });
  const act = provider ? change : add;
  const problem = act.error instanceof ApiError ? act.error : undefined;
  const field = (name: keyof typeof form) => ({
    value: form[name],
    error: problem?.field(`/${name}`),
    required: true,
    withAsterisk: false,
    onChange: (event: { currentTarget: HTMLInputElement }) => {
      const text = event.currentTarget.value;
      setForm((before) => ({ ...before, [name]: text }));
    },
  });
  const wrongRule = (name: string) => {
    const sent = act.variables && "body" in act.variables ? act.variables.body.rules : act.variables?.rules;
    const entries = sent?.[name as keyof SignInRules];
    return problem?.list(`/rules/${name}`, Array.isArray(entries) ? entries : []);
  };
  const isKey = form.clientAuthMethod === KEY_METHOD;
  const isPublic = form.clientAuthMethod === "none";
  // A secret is no key and a key no secret: what is kept stays only where the proof stays of its kind.
  const isKept = provider?.hasSecret === true && (provider.clientAuthMethod === KEY_METHOD) === isKey;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const { issuer, keyId, ...rest } = form;
    const body = {
      ...rest,
      keyId: isKey && keyId.trim() !== "" ? keyId.trim() : null,
      rules,
      ...(secret && !isPublic ? { clientSecret: secret } : {}),
    };
    if (provider) change.mutate({ id: provider.id, body });
    else add.mutate({ ...body, issuer });
  };
  if (made) return <Registered provider={made} onClose={onClose} />;
  return (
    <Modal
      opened
      onClose={onClose}
      // A click beside the dialog must not throw away what was typed.
      closeOnClickOutside={false}
      title={provider ? `Edit ${provider.name}` : "Add a sign-in provider"}
      size="lg"
    >
      <form onSubmit={submit} autoComplete="off">
        <Stack gap="md">
          <TextInput
            label="Name"
            description="What the button says."
            placeholder="Okta"
            {...field("name")}
            data-autofocus
          />
          <TextInput
            label="Issuer"
            description={
              provider
                ? "It stays; for another one add another provider."
                : "Letter for letter; what it says of itself is read at once."
            }
            placeholder="https://example.okta.com"
            readOnly={provider !== undefined}
            {...field("issuer")}
          />
          {provider && (
            <div>
              <Text size="sm" fw={500} mb={4}>
                Redirect URI
              </Text>
              <Secret label="Redirect URI" value={provider.redirectUri} />
            </div>
          )}
          <TextInput label="Client ID" {...field("clientId")} />
          <ProofFields
            method={form.clientAuthMethod}
            keyId={form.keyId}
            secret={secret}
            isKept={isKept}
            wrong={(name) => problem?.field(`/${name}`)}
            onMethod={(clientAuthMethod) => {
              setSecret("");
              setForm((before) => ({ ...before, clientAuthMethod }));
            }}
            onKeyId={(keyId) => setForm((before) => ({ ...before, keyId }))}
            onSecret={setSecret}
          />
          <RulesFields rules={rules} wrong={wrongRule} onChange={setRules} />
          <FormFoot
            label={provider ? "Save" : "Add"}
            error={act.error}
            isPending={act.isPending}
            onCancel={onClose}
          />
        </Stack>
      </form>
    </Modal>
  );
}

/** What comes after setting one up: the address that the provider has to know. */
function Registered({ provider, onClose }: { provider: IdentityProvider; onClose: () => void }) {
  return (
    <Modal opened onClose={onClose} title={`${provider.name} is set up`} size="lg">
      <Stack gap="md">
        <Text size="sm">
          Register this redirect URI at the provider. Then its button on the sign-in page works.
        </Text>
        <Secret label="Redirect URI" value={provider.redirectUri} />
        <Button onClick={onClose} style={{ alignSelf: "end" }}>
          Done
        </Button>
      </Stack>
    </Modal>
  );
}
