/** The sections of the settings, in their order; `needs` is the permission without which one is not offered. */
export const SETTINGS = [
  { to: "/settings/credentials", label: "Credentials", needs: undefined },
  { to: "/settings/requests", label: "Requests", needs: "credentials.askScope" },
  { to: "/settings/members", label: "Members", needs: "members.read" },
  { to: "/settings/oauth-apps", label: "OAuth apps", needs: "oauthApps.read" },
  { to: "/settings/variables", label: "Variables", needs: "variables.read" },
  { to: "/settings/workspace", label: "Workspace", needs: "workspace.read" },
  { to: "/settings/organization", label: "Organization", needs: "organization.policiesRead" },
  { to: "/settings/security", label: "Security", needs: undefined },
  { to: "/settings/notifications", label: "Notifications", needs: undefined },
  { to: "/settings/vault", label: "Vault", needs: "vault.read" },
  { to: "/settings/audit", label: "Audit log", needs: "audit.read" },
] as const;
