/** Settings -> Vault: whether it is open, the ways to its root key, and the keys below. No key is on this page. */
import { Alert, List, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { ShieldCheck, ShieldX, TriangleAlert } from "lucide-react";
import { Fragment } from "react";
import { sentence } from "../api/problem.ts";
import { useCan } from "../auth/me.ts";
import { count } from "../lib/format.ts";
import { Ago } from "../ui/Ago.tsx";
import notice from "../ui/Notice.module.css";
import { NotYet } from "../ui/NotYet.tsx";
import { Page } from "../ui/Page.tsx";
import { Keys } from "./Keys.tsx";
import { lastScanQuery, vaultQuery } from "./queries.ts";
import { Slots } from "./Slots.tsx";
import { asSentence, codeParts } from "./words.ts";

function State({ sealed }: { sealed: string | null | undefined }) {
  const Icon = sealed ? ShieldX : ShieldCheck;
  return (
    <div className={notice.root} data-tone={sealed ? "bad" : "good"} role="status">
      <Icon size={18} className={notice.icon} aria-hidden />
      <div className={notice.words}>
        <Text size="sm" fw={560}>
          {sealed ? "The vault is sealed" : "The vault is open"}
        </Text>
        <Text size="sm">
          {sealed
            ? `No secret can be used: ${sealed}. Workflows that need one wait until it is open.`
            : "Secrets are opened one by one, when a request needs them, and wiped right after."}
        </Text>
      </div>
    </div>
  );
}

/** A text in which what stands between backticks is a command. */
function WithCode({ text }: { text: string }) {
  return codeParts(text).map(({ text: part, isCode }) =>
    isCode ? <code key={part}>{part}</code> : <Fragment key={part}>{part}</Fragment>,
  );
}

function Warnings({ warnings }: { warnings: string[] }) {
  if (warnings.length === 0) return null;
  return (
    <div className={notice.root} data-tone="warn">
      <TriangleAlert size={18} className={notice.icon} aria-hidden />
      <div className={notice.words}>
        <Text size="sm" fw={560}>
          For the operator to fix
        </Text>
        <List size="sm">
          {warnings.map((warning) => (
            <List.Item key={warning}>
              <WithCode text={asSentence(warning)} />
            </List.Item>
          ))}
        </List>
      </div>
    </div>
  );
}

function LastScan() {
  const { data, error } = useQuery(lastScanQuery);
  const hits = Number((data?.detail as { count?: number } | undefined)?.count ?? 0);
  return (
    <section>
      <Title order={2}>Last search for leaks</Title>
      <Text size="sm" c="dimmed" mb="xs">
        <code>flero vault audit</code> on the server looks for every stored secret, in every encoding, in the
        database, its journals, its logs and its backups.
      </Text>
      {error && <Alert color="red">{sentence(error)}</Alert>}
      {data === null && (
        <Text size="sm">
          No search has been recorded yet. Run it on the server; what it finds stands here.
        </Text>
      )}
      {data && (
        <div className={notice.root} data-tone={hits === 0 ? "good" : "bad"}>
          <div className={notice.words}>
            <Text size="sm" fw={560}>
              {hits === 0 ? "Found nowhere" : `Found in ${count(hits, "place")}`}
            </Text>
            <Text size="sm" component="div">
              {hits > 0 && "Rotate these credentials and remove the files. "}
              Searched <Ago at={data.at} />
            </Text>
          </div>
        </div>
      )}
    </section>
  );
}

export default function VaultPage() {
  const query = useQuery(vaultQuery);
  const { data: vault } = query;
  const canReadAudit = useCan("audit.read");
  return (
    <Page title="Vault" lead="Where every secret is, and what it is locked with. Nobody can read one here.">
      <NotYet query={query} failed="The vault could not be read" />
      {vault && (
        <Stack gap={32}>
          <Stack gap="sm">
            <State sealed={vault.sealed} />
            <Warnings warnings={vault.warnings} />
          </Stack>
          <Slots slots={vault.slots} />
          <Keys vault={vault} />
          {canReadAudit && <LastScan />}
        </Stack>
      )}
    </Page>
  );
}
