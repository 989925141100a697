/** Chooses the credential of a node: those that are usable and of the right kind, and the way to make one. */

import { Anchor, Group, Loader, Select, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { KeyRound } from "lucide-react";
import { useMemo } from "react";
import type { Credential } from "../../api/types.ts";
import { isHttp } from "../../catalog/request.ts";
import { authTypeLabel, scopeLabel } from "../../credentials/words.ts";
import { StatusPill } from "../../ui/StatusPill.tsx";
import * as commands from "../model/commands.ts";
import type { WorkflowNode } from "../model/document.ts";
import { describe } from "../model/nodeTypes.ts";
import { useSession } from "../session/session.tsx";
import { credentialChoicesQuery } from "./credentials.ts";
import { Frame, useForm } from "./form.tsx";
import classes from "./Inspector.module.css";

/** The kinds of credential that can check a request that comes in. */
const INBOUND = new Set(["basic", "bearer", "apiKey"]);

/** The host that a URL without expressions names. */
function hostOf(url: unknown): string | undefined {
  if (typeof url !== "string") return undefined;
  const host = /^https?:\/\/([^/?#{}]+)/i.exec(url)?.[1];
  return host?.replace(/^.*@/, "").toLowerCase();
}

/** Where a credential goes. The scheme of an entry says that it goes there in the clear, which is no address elsewhere. */
const hostsOf = ({ allowedHosts, authType }: Credential): string =>
  allowedHosts.map((host) => (isHttp(authType) ? host : host.replace(/^http:\/\//, ""))).join(", ");

/** Whether a credential may go to a host: an entry is the host, the host with a port, or `*.domain` for one label. */
export function fitsHost(allowed: readonly string[], host: string): boolean {
  const name = host.replace(/:\d+$/, "");
  return allowed.some((entry) => {
    const bare = entry.replace(/^https?:\/\//, "").toLowerCase();
    if (bare.startsWith("*."))
      return name.split(".").slice(1).join(".") === bare.slice(2).replace(/:\d+$/, "");
    return bare === host || bare === name;
  });
}

/** Whether a credential is of the kind that a node takes. */
export function fitsNode(credential: Pick<Credential, "service" | "authType">, node: WorkflowNode): boolean {
  if (describe(node.type).credential === "inbound") return INBOUND.has(credential.authType);
  if (node.type === "Connector" || node.type === "ConnectorTrigger")
    return credential.service === node.connector;
  if (credential.authType === "mail") return false;
  return (node.type === "Database") === (credential.authType === "database");
}

function useChoices(node: WorkflowNode) {
  const { data } = useQuery(credentialChoicesQuery);
  return useMemo(() => {
    const host = hostOf(node.parameters.url);
    const usable = (data ?? []).filter(
      (credential) =>
        credential.id === node.credentialId ||
        (credential.status !== "revoked" && fitsNode(credential, node)),
    );
    const fits = (credential: Credential) =>
      node.type !== "HTTPRequest" || host === undefined || fitsHost(credential.allowedHosts ?? [], host);
    const groups = [
      { group: host ? `For ${host}` : "Usable", items: usable.filter(fits) },
      {
        group: "Other hosts: the call would be refused",
        items: usable.filter((credential) => !fits(credential)),
      },
    ].filter((group) => group.items.length > 0);
    return { all: data, groups };
  }, [data, node]);
}

/** Chooses the credential of a node. */
export function CredentialPicker({ node }: { node: WorkflowNode }) {
  const session = useSession();
  const { makeCredential } = useForm();
  const { all, groups } = useChoices(node);
  const byId = new Map((all ?? []).map((credential) => [credential.id, credential]));
  const chosen = node.credentialId ? byId.get(node.credentialId) : undefined;
  const choose = (id: string | null) => {
    session.store.run({ label: "Choose a credential" }, (doc) =>
      commands.setOptions(doc, node.id, { credentialId: id ?? undefined }),
    );
  };
  // None is what nobody has chosen, not what is still on its way.
  const isComing = all === undefined && node.credentialId !== undefined;
  const none = describe(node.type).credential === "inbound" ? "Anybody who knows the URL" : "None";
  const gone = all !== undefined && node.credentialId !== undefined && !chosen;
  return (
    <Frame
      label={describe(node.type).credential === "inbound" ? "Who may call" : "Credential"}
      path={["credentialId"]}
      isBeside
      aside={
        <Anchor component="button" type="button" size="xs" onClick={() => makeCredential()}>
          New credential
        </Anchor>
      }
      help={
        chosen
          ? `${authTypeLabel(chosen.authType)} · ${scopeLabel(chosen.scope)} · only to ${hostsOf(chosen) || "its own service"}`
          : undefined
      }
    >
      {({ describedBy }) => (
        <>
          <Select
            aria-label="Credential"
            aria-describedby={describedBy}
            placeholder={isComing ? "Looking for the credential …" : none}
            aria-busy={isComing}
            {...(isComing ? { rightSection: <Loader size={14} aria-hidden /> } : {})}
            clearable
            searchable
            leftSection={<KeyRound size={14} aria-hidden />}
            data={groups.map((group) => ({
              group: group.group,
              items: group.items.map((item) => ({ value: item.id, label: item.name })),
            }))}
            value={chosen ? chosen.id : null}
            onChange={choose}
            nothingFoundMessage="No credential of this kind that you may use. Make one with “New credential”."
            renderOption={({ option }) => <Option credential={byId.get(option.value)} name={option.label} />}
          />
          {gone && (
            <p className={classes.error}>
              The credential of this node does not exist for you. Choose another one.
            </p>
          )}
          {chosen && chosen.status !== "active" && (
            <p className={classes.error}>
              This credential is {chosen.status}: calls with it fail.{" "}
              <Anchor
                href={`/settings/credentials?credential=${chosen.id}`}
                target="_blank"
                rel="noreferrer"
                inherit
                c="inherit"
                underline="always"
              >
                Look at it
              </Anchor>
            </p>
          )}
        </>
      )}
    </Frame>
  );
}

function Option({ credential, name }: { credential: Credential | undefined; name: string }) {
  return (
    <Group gap={8} wrap="nowrap" w="100%">
      <div style={{ flex: 1, minWidth: 0 }}>
        <Text size="sm" truncate>
          {name}
        </Text>
        {credential && (
          <Text size="xs" c="dimmed" truncate>
            {authTypeLabel(credential.authType)} · {scopeLabel(credential.scope)}
            {credential.account ? ` · ${credential.account}` : ""}
          </Text>
        )}
      </div>
      {credential && credential.status !== "active" && <StatusPill status={credential.status} />}
    </Group>
  );
}
