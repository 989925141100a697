/** The sections of the settings by what they are for, in their order; `needs` is the permission without which one is not offered. */
export const SETTINGS = [
  { to: "/settings/credentials", label: "Credentials", group: "For workflows", needs: undefined },
  { to: "/settings/requests", label: "Requests", group: "For workflows", needs: "credentials.askScope" },
  { to: "/settings/oauth-apps", label: "OAuth apps", group: "For workflows", needs: "oauthApps.read" },
  { to: "/settings/variables", label: "Variables", group: "For workflows", needs: "variables.read" },
  { to: "/settings/members", label: "Members", group: "People", needs: "members.read" },
  { to: "/settings/workspace", label: "Workspace", group: "People", needs: "workspace.read" },
  {
    to: "/settings/organization",
    label: "Organization",
    group: "People",
    needs: "organization.policiesRead",
  },
  { to: "/settings/security", label: "Security", group: "You", needs: undefined },
  { to: "/settings/notifications", label: "Notifications", group: "You", needs: undefined },
  { to: "/settings/vault", label: "Vault", group: "Safety", needs: "vault.read" },
  { to: "/settings/audit", label: "Audit log", group: "Safety", needs: "audit.read" },
] as const;
