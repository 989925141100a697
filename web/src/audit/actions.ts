/** What the audit log can be narrowed to. A test holds the list against what the program records. */
import { actionLabel } from "./words.ts";

/** The actions by what they are about, in the order of the filter. */
const GROUPS: Record<string, string[]> = {
  Credentials: [
    "credential.created",
    "credential.read",
    "credential.use_intent",
    "credential.used",
    "credential.use_refused",
    "credential.tested",
    "credential.edited",
    "credential.scope_changed",
    "credential.rotated",
    "credential.rolled_back",
    "credential.rotation_due",
    "credential.expiring",
    "credential.former_destroyed",
    "credential.duplicated",
    "credential.status_changed",
    "credential.revoked",
    "credential.deleted",
    "credential.denied",
    "credential.refresh_intent",
    "credential.refreshed",
    "credential.oauth_started",
    "credential.oauth_connected",
    "credential.reconnected",
    "credential.grant_revoked",
    "oauth_app.changed",
    "oauth_app.deleted",
  ],
  Workflows: [
    "workflow.created",
    "workflow.saved",
    "workflow.status_changed",
    "workflow.deleted",
    "event.registered",
    "event.removed",
    "event.secret_set",
    "execution.cancelled",
    "execution.replayed",
    "variables.changed",
    "connector.imported",
    "connector.removed",
  ],
  "Signing in": [
    "session.signed_in",
    "session.limited",
    "session.ended",
    "person.password_changed",
    "mfa.factor_added",
    "mfa.factor_removed",
    "mfa.recovery_codes_made",
    "mfa.recovery_code_used",
    "api_key.created",
    "api_key.revoked",
  ],
  "People and settings": [
    "person.registered",
    "member.invited",
    "member.invite_revoked",
    "member.joined",
    "member.role_changed",
    "member.removed",
    "organization.role_changed",
    "organization.policies_changed",
    "workspace.created",
    "workspace.renamed",
    "workspace.deleted",
    "settings.changed",
  ],
  "Vault and installation": [
    "vault.slot_added",
    "vault.slot_removed",
    "vault.root_key_rotated",
    "vault.scope_key_rotated",
    "vault.tampering_detected",
    "vault.leak_scanned",
    "installation.bootstrapped",
    "installation.restored",
  ],
};

/** Every action. */
export const ACTIONS: readonly string[] = Object.values(GROUPS).flat();

/** The same as the choices of a select. */
export const ACTION_CHOICES = Object.entries(GROUPS).map(([group, actions]) => ({
  group,
  items: actions.map((value) => ({ value, label: actionLabel(value) })),
}));
