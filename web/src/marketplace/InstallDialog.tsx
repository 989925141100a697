/** Installs a package or upgrades it, after somebody agreed to exactly what the lists in it show. */
import { Checkbox, Modal, Stack, Text } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { reason } from "../api/problem.ts";
import { count } from "../lib/format.ts";
import { FormFoot } from "../ui/FormFoot.tsx";
import { Notice } from "../ui/Notice.tsx";
import { ChangeView } from "./ChangeView.tsx";
import { InstalledView } from "./InstalledView.tsx";
import { consentSentence, needsConsent } from "./model.ts";
import { marketplaceActs, useMarketplaceAct } from "./queries.ts";
import type { Change, Package } from "./types.ts";

interface Props {
  one: Package;
  registryName: string;
  onClose: () => void;
  /** Goes on to a credential; left out where none is taken or the reader may not make one. */
  onAddCredential: (() => void) | undefined;
}

export function InstallDialog({ one, registryName, onClose, onAddCredential }: Props) {
  const act = useMarketplaceAct(marketplaceActs.install);
  if (act.data?.installed) {
    return (
      <Modal opened onClose={onClose} title={`${one.name} is installed`}>
        <InstalledView
          one={act.data}
          version={act.data.installed.version}
          onAddCredential={onAddCredential}
        />
      </Modal>
    );
  }
  // Somebody else may have installed it in the meantime: then there is nothing to change any more.
  const change = one.change;
  const from = one.installed?.version;
  const title = from ? `Upgrade ${one.name} to ${one.version}` : `Install ${one.name}`;
  return (
    <Modal opened onClose={onClose} title={title} size={560}>
      {change ? (
        <Agreement
          // Another version, or the same with other lists, has to be agreed to anew.
          key={JSON.stringify([one.version, change])}
          change={change}
          intro={
            from
              ? `What changes from ${from} to ${one.version}, from ${registryName}:`
              : `${one.version} from ${registryName} brings ${count(one.reach.operations.length, "operation")}. Nothing is run by installing it.`
          }
          isUpgrade={from !== undefined}
          error={act.error}
          isPending={act.isPending}
          onCancel={onClose}
          onAgreed={() =>
            act.mutate({
              registry: one.registry,
              id: one.id,
              version: one.version,
              accept: { hosts: change.added.hosts, permissions: change.added.permissions },
            })
          }
        />
      ) : (
        <Text size="sm">{one.version} is installed already.</Text>
      )}
    </Modal>
  );
}

interface AgreementProps {
  change: Change;
  intro: string;
  isUpgrade: boolean;
  error: Error | null;
  isPending: boolean;
  onCancel: () => void;
  onAgreed: () => void;
}

function Agreement({ change, intro, isUpgrade, error, isPending, onCancel, onAgreed }: AgreementProps) {
  const [hasAgreed, setHasAgreed] = useState(false);
  const asks = needsConsent(change);
  // A first installation adds all of its operations; what is agreed to must not drown in them.
  const shown: Change = isUpgrade
    ? change
    : { ...change, added: { ...change.added, operations: [], events: [], authentication: [] } };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onAgreed();
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <Text size="sm">{intro}</Text>
        <ChangeView change={shown} />
        {asks && !isUpgrade && change.added.authentication.length === 0 && (
          <Text size="xs" c="dimmed">
            It takes no credential today, so no secret is sent anywhere. A later version that does is held to
            these hosts, until somebody agrees to others.
          </Text>
        )}
        {asks ? (
          <Checkbox
            label={consentSentence(change, isUpgrade)}
            checked={hasAgreed}
            onChange={(event) => setHasAgreed(event.currentTarget.checked)}
          />
        ) : (
          <Notice tone="good">
            {isUpgrade
              ? "It reaches no further than what is installed: there is nothing to agree to."
              : "It reaches no host and asks for no permission: there is nothing to agree to."}
          </Notice>
        )}
        <FormFoot
          label={isUpgrade ? "Upgrade" : "Install"}
          error={error}
          told={reason(error)}
          isPending={isPending}
          disabled={asks && !hasAgreed}
          onCancel={onCancel}
        />
      </Stack>
    </form>
  );
}
