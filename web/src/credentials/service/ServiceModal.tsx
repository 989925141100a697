/** A dialog about one service: first it is chosen, then there is a way back to the choice. */
import { ActionIcon, Group, Modal } from "@mantine/core";
import { ArrowLeft } from "lucide-react";
import type { ReactNode } from "react";
import { ServiceGate } from "./ServiceGate.tsx";
import { ServiceTile } from "./ServiceTile.tsx";
import type { Service } from "./use-service.ts";

interface Props {
  /** The chosen service; none while it is chosen. */
  chosen: string | undefined;
  /** The title before anything is chosen. */
  title: string;
  titleOf: (service: Service) => string;
  /** What stands there until a service is chosen. */
  choice: ReactNode;
  /** What there is to do with the chosen one. */
  children: (service: Service) => ReactNode;
  /** Leads back to the choice; left out where the service was given. */
  onBack?: (() => void) | undefined;
  onClose: () => void;
}

export function ServiceModal({ chosen, title, titleOf, choice, children, onBack, onClose }: Props) {
  return (
    <Modal
      opened
      onClose={onClose}
      // A click beside the dialog must not throw away what was typed.
      closeOnClickOutside={chosen === undefined}
      title={
        chosen === undefined ? (
          title
        ) : (
          <Group gap={10} wrap="nowrap">
            {onBack && (
              <ActionIcon variant="subtle" color="gray" aria-label="Choose another service" onClick={onBack}>
                <ArrowLeft size={16} aria-hidden />
              </ActionIcon>
            )}
            <ServiceGate id={chosen} inTitle>
              {(service) => (
                <>
                  <ServiceTile id={service.id} name={service.name} size={26} />
                  {titleOf(service)}
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
      {chosen === undefined ? choice : <ServiceGate id={chosen}>{children}</ServiceGate>}
    </Modal>
  );
}
