/** Edits a stored credential, with the fields of the way that it was made by. */
import { Modal } from "@mantine/core";
import type { Credential } from "../api/types.ts";
import { CredentialForm } from "./CredentialForm.tsx";
import type { CredentialDialog } from "./queries.ts";
import { ServiceGate } from "./service/ServiceGate.tsx";

interface Props {
  credential: Credential;
  onClose: () => void;
  onOpen: (dialog: CredentialDialog) => void;
}

export function EditCredential({ credential, onClose, onOpen }: Props) {
  return (
    <Modal
      opened
      onClose={onClose}
      closeOnClickOutside={false}
      title={`Edit ${credential.name}`}
      size={640}
      centered={false}
      yOffset="6vh"
    >
      <ServiceGate id={credential.service}>
        {(service) => (
          <CredentialForm service={service} stored={credential} onClose={onClose} onOpen={onOpen} />
        )}
      </ServiceGate>
    </Modal>
  );
}
