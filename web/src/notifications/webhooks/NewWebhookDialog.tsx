/** Adds a webhook and shows the secret of its signatures, this once. */
import { Modal, MultiSelect, Stack, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { ApiError } from "../../api/problem.ts";
import { FormFoot } from "../../ui/FormFoot.tsx";
import { ShownOnce } from "../../ui/ShownOnce.tsx";
import { useWebhookAct, webhookActs } from "../queries.ts";
import { CATEGORIES } from "../words.ts";

const CHOICES = CATEGORIES.filter(({ isAccount }) => !isAccount).map(({ name, label }) => ({
  value: name,
  label,
}));

export function NewWebhookDialog({ onClose }: { readonly onClose: () => void }) {
  const [url, setUrl] = useState("");
  const [categories, setCategories] = useState<string[]>([]);
  const create = useWebhookAct(webhookActs.create);
  const wrong = create.error instanceof ApiError ? create.error.field("/url") : undefined;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate({ url: url.trim(), categories });
  };
  if (create.data) {
    return (
      <ShownOnce
        title="Copy its secret now"
        label="Secret of the signatures"
        value={create.data.secret}
        onClose={onClose}
      >
        Calls to <strong>{create.data.url}</strong> are signed with it, as Standard Webhooks says. This is the
        only time that it is shown.
      </ShownOnce>
    );
  }
  return (
    <Modal opened onClose={onClose} title="Add webhook" size="lg">
      <form onSubmit={submit} noValidate>
        <Stack gap="md">
          <TextInput
            label="Address"
            description="It gets a POST with JSON. https, or http to a host that the operator opened."
            placeholder="https://hooks.example.com/flero"
            type="url"
            value={url}
            onChange={(event) => setUrl(event.currentTarget.value)}
            error={wrong}
            data-autofocus
          />
          <MultiSelect
            label="About"
            description="Leave it empty for everything."
            placeholder={categories.length === 0 ? "Everything" : ""}
            data={CHOICES}
            value={categories}
            onChange={setCategories}
            hidePickedOptions
          />
          <FormFoot
            label="Add webhook"
            error={wrong ? null : create.error}
            isPending={create.isPending}
            disabled={url.trim() === ""}
            onCancel={onClose}
          />
        </Stack>
      </form>
    </Modal>
  );
}
