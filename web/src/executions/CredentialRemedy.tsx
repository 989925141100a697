/** Tests or reconnects the credential of a step that failed, without leaving its run. */
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { type CredentialDialog, credentialQuery } from "../credentials/queries.ts";
import { useMayChange } from "../credentials/use-may-change.ts";
import { isConnectedByPerson } from "../credentials/ways.ts";

const Dialogs = lazy(() => import("../credentials/Dialogs.tsx"));

interface Props {
  readonly id: string;
  /** Whether the connection has ended, so that asking the service would tell nothing new. */
  readonly hasEnded: boolean;
}

export function CredentialRemedy({ id, hasEnded }: Props) {
  const { data: credential } = useQuery({ ...credentialQuery(id), retry: false });
  const mayChange = useMayChange();
  const [dialog, setDialog] = useState<CredentialDialog>();
  if (!credential || credential.status === "revoked" || !mayChange(credential)) return null;
  const reconnects = hasEnded && isConnectedByPerson(credential);
  return (
    <>
      <Button size="xs" onClick={() => setDialog({ kind: reconnects ? "reconnect" : "test", credential })}>
        {reconnects ? "Reconnect the credential" : "Test the credential"}
      </Button>
      {dialog && (
        <Suspense>
          <Dialogs
            key={dialog.kind}
            dialog={dialog}
            onClose={() => setDialog(undefined)}
            onOpen={setDialog}
          />
        </Suspense>
      )}
    </>
  );
}
