/** An invitation: says what it is for, and leads in whoever has an account and whoever makes one. */
import { Alert, Button, Stack, Text } from "@mantine/core";
import { type UseQueryResult, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { ApiError, sentence } from "../api/problem.ts";
import type { Me } from "../api/types.ts";
import { formatDate } from "../lib/format.ts";
import { LinkButton } from "../ui/links.tsx";
import { ScreenLoader } from "../ui/ScreenLoader.tsx";
import { useTitle } from "../ui/use-title.ts";
import { AccountForm } from "./AccountForm.tsx";
import { Gate } from "./Gate.tsx";
import { acceptInvite, asRole, inviteQuery, type ToldInvite } from "./invite.ts";
import { meQuery } from "./me.ts";
import { useSignOut } from "./use-sign-out.ts";
import { chooseWorkspace } from "./workspace.ts";

/** What went wrong with reading the invitation. One that is used, taken back or too old cannot be told apart. */
function Refused({ query }: { query: UseQueryResult<ToldInvite> }) {
  const isOver = query.error instanceof ApiError && (query.error.status ?? 0) < 500 && query.error.status;
  return (
    <Gate title={isOver ? "This invitation is no longer valid" : "The invitation could not be read"}>
      <Stack gap="md">
        <Text size="sm" role="alert">
          {isOver
            ? "It was accepted already, taken back, or is older than seven days. Ask whoever invited you for a new link."
            : sentence(query.error)}
        </Text>
        {isOver ? (
          <LinkButton to="/login" size="md" variant="default" fullWidth>
            Sign in
          </LinkButton>
        ) : (
          <Button size="md" onClick={() => void query.refetch()} fullWidth>
            Try again
          </Button>
        )}
      </Stack>
    </Gate>
  );
}

/** For whoever is signed in: joins with one click, if the invitation is theirs. */
function Joining({ token, invite, me }: { token: string; invite: ToldInvite; me: Me }) {
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const signOut = useSignOut();
  const join = useMutation({
    mutationFn: async () => {
      await acceptInvite(token);
      const before = new Set(me.workspaces.map(({ id }) => id));
      const { workspaces } = await queryClient.fetchQuery({ ...meQuery, staleTime: 0 });
      const joined = workspaces.find(({ id }) => !before.has(id));
      if (joined) chooseWorkspace(joined.id);
      queryClient.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== "me" });
      await queryClient.fetchQuery({ ...meQuery, staleTime: 0 });
      await navigate({ to: "/workflows", replace: true });
    },
    gcTime: 0,
  });
  if (me.email.toLowerCase() !== invite.email.toLowerCase()) {
    return (
      <Stack gap="md">
        <Text size="sm">
          You are signed in as <strong>{me.email}</strong>, and the invitation is for{" "}
          <strong>{invite.email}</strong>. Sign out, then open the link once more.
        </Text>
        <Button size="md" onClick={() => void signOut()} fullWidth>
          Sign out
        </Button>
        <LinkButton to="/" size="md" variant="default" fullWidth>
          Stay signed in
        </LinkButton>
      </Stack>
    );
  }
  return (
    <Stack gap="md">
      <Text size="sm">
        You are signed in as <strong>{me.email}</strong>.
      </Text>
      {join.error && (
        <Alert color="red" role="alert">
          {sentence(join.error)}
        </Alert>
      )}
      <Button size="md" loading={join.isPending} onClick={() => join.mutate()} fullWidth autoFocus>
        Join
      </Button>
    </Stack>
  );
}

export default function InvitePage() {
  const { token } = useParams({ from: "/invite/$token" });
  const query = useQuery(inviteQuery(token));
  const { data: me, isPending } = useQuery({ ...meQuery, retry: false });
  const { data: invite } = query;
  const title = invite ? `Join ${invite.workspaceName}` : "Invitation";
  useTitle(title);
  if (query.error) return <Refused query={query} />;
  if (!invite || isPending) return <ScreenLoader />;
  const lead = `You are invited as ${asRole(invite.role)}. The link holds until ${formatDate(invite.expiresAt)}.`;
  return (
    <Gate title={title} lead={lead}>
      {me && <Joining token={token} invite={invite} me={me} />}
      {!me && invite.hasAccount && (
        <Stack gap="md">
          <Text size="sm">
            <strong>{invite.email}</strong> has an account here already. Sign in to join with it.
          </Text>
          <LinkButton to="/login" search={{ next: `/invite/${token}` }} size="md" fullWidth autoFocus>
            Sign in
          </LinkButton>
        </Stack>
      )}
      {!me && !invite.hasAccount && (
        <AccountForm proof={{ inviteToken: token }} email={invite.email} label="Create account" />
      )}
    </Gate>
  );
}
