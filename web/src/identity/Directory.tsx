/** Settings -> Organization: a directory that keeps people up by SCIM, and what its groups are given. */
import { Button, Modal, Stack, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useCan } from "../auth/me.ts";
import { FormFoot } from "../ui/FormFoot.tsx";
import { NotYet } from "../ui/NotYet.tsx";
import { SectionHead } from "../ui/SectionHead.tsx";
import { ShownOnce } from "../ui/ShownOnce.tsx";
import { GroupRoles } from "./GroupRoles.tsx";
import { groupRolesQuery, providerActs, useIdentityAct } from "./queries.ts";

export function Directory() {
  const canWrite = useCan("identityProviders.write");
  const query = useQuery(groupRolesQuery);
  const { data } = query;
  const [isMaking, setIsMaking] = useState(false);
  return (
    <section>
      <SectionHead
        title="Directory"
        action={
          canWrite && (
            <Button variant="default" size="xs" onClick={() => setIsMaking(true)}>
              Make a SCIM key
            </Button>
          )
        }
      >
        Okta, Entra and others keep people and groups up by SCIM at{" "}
        <code>{`${window.location.origin}/api/scim/v2`}</code>.
      </SectionHead>
      <NotYet query={query} failed="What groups are given could not be read" isPart />
      {data && <GroupRoles key={data.tag} items={data.items} tag={data.tag} canWrite={canWrite} />}
      {isMaking && <KeyDialog onClose={() => setIsMaking(false)} />}
    </section>
  );
}

function KeyDialog({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState("SCIM");
  const make = useIdentityAct(providerActs.makeScimKey);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    make.mutate(name.trim());
  };
  if (make.data) {
    return (
      <ShownOnce title="Copy the key now" label="SCIM key" value={make.data.key} onClose={onClose}>
        Give it to the directory as its bearer token. It is shown this once; Flero keeps a hash of it. It is
        revoked under Credentials, API keys.
      </ShownOnce>
    );
  }
  return (
    <Modal opened onClose={onClose} title="Make a SCIM key">
      <form onSubmit={submit}>
        <Stack gap="md">
          <TextInput
            label="Name"
            required
            withAsterisk={false}
            maxLength={120}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            data-autofocus
          />
          <Text size="sm" c="dimmed">
            It keeps people and groups up to date, and does nothing else.
          </Text>
          <FormFoot
            label="Make"
            error={make.error}
            isPending={make.isPending}
            disabled={name.trim() === ""}
            onCancel={onClose}
          />
        </Stack>
      </form>
    </Modal>
  );
}
