/** Every dialog and drawer of the credentials screen; loaded when the first one is opened. */
import { AuditDrawer } from "./AuditDrawer.tsx";
import { CredentialForm } from "./CredentialForm.tsx";
import { DeleteDialog } from "./DeleteDialog.tsx";
import { DuplicateDialog } from "./DuplicateDialog.tsx";
import type { CredentialDialog } from "./queries.ts";
import { RevokeDialog } from "./RevokeDialog.tsx";
import { RotateDialog } from "./RotateDialog.tsx";
import { TestDialog } from "./TestDialog.tsx";
import { UsageDrawer } from "./UsageDrawer.tsx";

export default function Dialogs({ dialog, onClose }: { dialog: CredentialDialog; onClose: () => void }) {
  if (dialog.kind === "add") return <CredentialForm onClose={onClose} />;
  const { credential } = dialog;
  switch (dialog.kind) {
    case "edit":
      return <CredentialForm stored={credential} onClose={onClose} />;
    case "test":
      return <TestDialog credential={credential} onClose={onClose} />;
    case "duplicate":
      return <DuplicateDialog credential={credential} onClose={onClose} />;
    case "rotate":
      return <RotateDialog credential={credential} onClose={onClose} />;
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
