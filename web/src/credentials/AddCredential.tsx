/** A new credential: first the service that it is for, then the form that its description asks for. */
import { useState } from "react";
import type { Credential } from "../api/types.ts";
import { CredentialForm } from "./CredentialForm.tsx";
import type { Beginning } from "./form-state.ts";
import { ServiceChoice } from "./service/ServiceChoice.tsx";
import { ServiceModal } from "./service/ServiceModal.tsx";

interface Props {
  /** The service, where it is known already; then it cannot be chosen. */
  service?: string | undefined;
  /** What the form begins with. */
  beginning?: Beginning | undefined;
  onClose: () => void;
  /** Called with what was made, for whoever opened the form to pick it. */
  onSaved?: ((credential: Credential) => void) | undefined;
}

export default function AddCredential({ service: given, beginning, onClose, onSaved }: Props) {
  const [chosen, setChosen] = useState(given);
  return (
    <ServiceModal
      chosen={chosen}
      title="Add credential"
      titleOf={({ connector, name }) =>
        connector ? `Add credential for ${name}` : `Add credential: ${name}`
      }
      choice={<ServiceChoice onChoose={setChosen} />}
      onBack={given === undefined ? () => setChosen(undefined) : undefined}
      onClose={onClose}
    >
      {(service) => (
        <CredentialForm
          key={service.id}
          service={service}
          beginning={beginning}
          onClose={onClose}
          onSaved={onSaved}
        />
      )}
    </ServiceModal>
  );
}
