/** Every dialog and drawer of the credentials screen; loaded when the first one is opened. */
import AddCredential from "./AddCredential.tsx";
import { AuditDrawer } from "./AuditDrawer.tsx";
import { DeleteDialog } from "./DeleteDialog.tsx";
import { DuplicateDialog } from "./DuplicateDialog.tsx";
import { EditCredential } from "./EditCredential.tsx";
import { ReconnectDialog } from "./oauth/ReconnectDialog.tsx";
import type { CredentialDialog } from "./queries.ts";
import { RevokeDialog } from "./RevokeDialog.tsx";
import { RollBackDialog } from "./RollBackDialog.tsx";
import { RotateDialog } from "./RotateDialog.tsx";
import { ScopeDialog } from "./ScopeDialog.tsx";
import { TestDialog } from "./TestDialog.tsx";
import { UsageDrawer } from "./UsageDrawer.tsx";

interface Props {
  dialog: CredentialDialog;
  onClose: () => void;
  /** Opens another one in place of this one. */
  onOpen: (dialog: CredentialDialog) => void;
}

export default function Dialogs({ dialog, onClose, onOpen }: Props) {
  if (dialog.kind === "add") return <AddCredential service={dialog.service} onClose={onClose} />;
  const { credential } = dialog;
  switch (dialog.kind) {
    case "edit":
      return <EditCredential credential={credential} onClose={onClose} onOpen={onOpen} />;
    case "test":
      return <TestDialog credential={credential} onClose={onClose} onOpen={onOpen} />;
    case "reconnect":
      return <ReconnectDialog credential={credential} onClose={onClose} />;
    case "scope":
      return <ScopeDialog credential={credential} onClose={onClose} />;
    case "duplicate":
      return <DuplicateDialog credential={credential} onClose={onClose} />;
    case "rotate":
      return <RotateDialog credential={credential} onClose={onClose} />;
    case "rollBack":
      return <RollBackDialog credential={credential} onClose={onClose} />;
    case "revoke":
      return <RevokeDialog credential={credential} onClose={onClose} />;
    case "delete":
      return <DeleteDialog credential={credential} onClose={onClose} />;
    case "usage":
      return <UsageDrawer credential={credential} onClose={onClose} />;
    case "audit":
      return <AuditDrawer credential={credential} onClose={onClose} />;
  }
}
