/** Settings -> Organization: the policies that everybody in it follows, and its people. */
import { Stack, Text, Title } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCan } from "../auth/me.ts";
import { Directory } from "../identity/Directory.tsx";
import { Providers } from "../identity/Providers.tsx";
import { NotYet } from "../ui/NotYet.tsx";
import { Page } from "../ui/Page.tsx";
import { People } from "./People.tsx";
import { PoliciesForm } from "./PoliciesForm.tsx";
import { organizationQuery, policiesQuery } from "./queries.ts";

export default function OrganizationPage() {
  const { data: organization } = useQuery(organizationQuery);
  const policies = useQuery(policiesQuery);
  const { data } = policies;
  const queryClient = useQueryClient();
  const canSeeProviders = useCan("identityProviders.read");
  const canSeePeople = useCan("organization.membersRead");
  return (
    <Page
      title="Organization"
      lead={`Policies, people and sign-in of ${organization?.name ?? "the organization"}.`}
      width="narrow"
    >
      <Stack gap={36}>
        <section>
          <Title order={2}>Policies</Title>
          <Text size="sm" c="dimmed" mb="sm">
            They can only narrow what people may do. A change is in the audit log.
          </Text>
          <NotYet query={policies} failed="The policies could not be read" isPart />
          {data && (
            <PoliciesForm
              key={data.tag}
              policies={data.policies}
              tag={data.tag}
              onReload={() => void queryClient.invalidateQueries({ queryKey: policiesQuery.queryKey })}
            />
          )}
        </section>
        {canSeeProviders && (
          <>
            <Providers />
            <Directory />
          </>
        )}
        {canSeePeople && <People />}
      </Stack>
    </Page>
  );
}
