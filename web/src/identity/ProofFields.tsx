/** How Flero's client proves itself at a provider: by a secret, by a private key, or not at all. */
import { PasswordInput, Select, Textarea, TextInput } from "@mantine/core";
import masked from "../credentials/form/FieldInput.module.css";
import { CLIENT_METHODS, KEY_METHOD } from "./words.ts";

interface Props {
  method: string;
  keyId: string;
  /** What is typed of the secret or the key. What is kept is never shown. */
  secret: string;
  /** Whether one is kept already, by the same method. */
  isKept: boolean;
  wrong: (name: string) => string | undefined;
  onMethod: (method: string) => void;
  onKeyId: (keyId: string) => void;
  onSecret: (secret: string) => void;
}

export function ProofFields(props: Props) {
  const { method, keyId, secret, isKept, wrong, onMethod, onKeyId, onSecret } = props;
  const shared = {
    description: isKept ? "Set. Leave it empty to keep it." : undefined,
    value: secret,
    error: wrong("clientSecret"),
    required: !isKept,
    withAsterisk: false,
    spellCheck: false,
  };
  return (
    <>
      <Select
        label="How Flero proves itself there"
        data={CLIENT_METHODS}
        value={method}
        error={wrong("clientAuthMethod")}
        allowDeselect={false}
        onChange={(next) => next && onMethod(next)}
      />
      {method === KEY_METHOD && (
        <>
          <TextInput
            label="Key ID"
            description="What the provider calls the key (kid), where it wants to be told."
            value={keyId}
            error={wrong("keyId")}
            onChange={(event) => onKeyId(event.currentTarget.value)}
          />
          <Textarea
            label="Private key"
            placeholder="-----BEGIN PRIVATE KEY-----"
            autosize
            minRows={3}
            maxRows={8}
            autoComplete="off"
            classNames={{ input: `${masked.mono} ${masked.masked}` }}
            onChange={(event) => onSecret(event.currentTarget.value)}
            {...shared}
          />
        </>
      )}
      {method !== KEY_METHOD && method !== "none" && (
        <PasswordInput
          label="Client secret"
          autoComplete="off"
          onChange={(event) => onSecret(event.currentTarget.value)}
          {...shared}
        />
      )}
    </>
  );
}
