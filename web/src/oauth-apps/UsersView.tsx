/** What uses an OAuth app and keeps it as it is. */
import { List, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { count } from "../lib/format.ts";
import { Notice } from "../ui/Notice.tsx";
import { usersIn } from "./queries.ts";

export function UsersView({ error }: { readonly error: unknown }) {
  const users = usersIn(error);
  if (!users) return null;
  return (
    <Notice tone="warn" title="It is in use">
      <Text size="sm">Give these a client of their own, or delete them, then try again.</Text>
      <List size="sm" mt={6}>
        {users.credentials.map(({ credentialId, name }, at) => (
          <List.Item key={credentialId ?? `${name}-${at}`}>
            {credentialId ? (
              <Link to="/settings/credentials" search={{ credential: credentialId }}>
                {name}
              </Link>
            ) : (
              `${name || "An account"} that is being connected`
            )}
          </List.Item>
        ))}
        {users.elsewhere > 0 && (
          <List.Item>
            {count(users.elsewhere, "other use", "other uses")} in other workspaces, or grants that wait to be
            revoked
          </List.Item>
        )}
      </List>
    </Notice>
  );
}
