/** A new credential: first the service that it is for, then the form that its description asks for. */
import { ActionIcon, Group, Modal } from "@mantine/core";
import { ArrowLeft } from "lucide-react";
import { useState } from "react";
import type { Credential } from "../api/types.ts";
import { CredentialForm } from "./CredentialForm.tsx";
import type { Beginning } from "./form-state.ts";
import { ServiceChoice } from "./service/ServiceChoice.tsx";
import { ServiceGate } from "./service/ServiceGate.tsx";
import { ServiceTile } from "./service/ServiceTile.tsx";

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
    <Modal
      opened
      onClose={onClose}
      // A click beside the dialog must not throw away what was typed.
      closeOnClickOutside={chosen === undefined}
      title={
        chosen === undefined ? (
          "Add credential"
        ) : (
          <Group gap={10} wrap="nowrap">
            {given === undefined && (
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label="Choose another service"
                onClick={() => setChosen(undefined)}
              >
                <ArrowLeft size={16} aria-hidden />
              </ActionIcon>
            )}
            <ServiceGate id={chosen} inTitle>
              {(service) => (
                <>
                  <ServiceTile id={service.id} name={service.name} size={26} />
                  {service.connector
                    ? `Add credential for ${service.name}`
                    : `Add credential: ${service.name}`}
                </>
              )}
            </ServiceGate>
          </Group>
        )
      }
      size={640}
      centered={false}
      yOffset="6vh"
    >
      {chosen === undefined ? (
        <ServiceChoice onChoose={setChosen} />
      ) : (
        <ServiceGate id={chosen}>
          {(service) => (
            <CredentialForm
              key={service.id}
              service={service}
              beginning={beginning}
              onClose={onClose}
              onSaved={onSaved}
            />
          )}
        </ServiceGate>
      )}
    </Modal>
  );
}
