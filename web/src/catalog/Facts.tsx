/** What is always asked about a service: where secrets go, how one authenticates, what one has already. */
import { Anchor } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ExternalLink } from "lucide-react";
import { api, value } from "../api/client.ts";
import { StatusPill } from "../ui/StatusPill.tsx";
import classes from "./Facts.module.css";
import { isOpenHost } from "./request.ts";
import type { Connector } from "./types.ts";

/** What the class of a host means for whoever gives a secret away. */
const CLASSES: Record<string, string> = {
  label: "you name the part in braces",
  listed: "you choose one of a list",
  told: "the service names it",
  typed: "a server of your own",
};

/** So many are listed here; the rest is on the credentials screen. */
const MOST = 5;

function Own({ id, name }: { id: string; name: string }) {
  const { data } = useQuery({
    queryKey: ["credentials", "of", id],
    queryFn: async ({ signal }) => {
      const page = await value(
        api.GET("/api/credentials", { params: { query: { q: id, limit: 200 } }, signal }),
      );
      return page.items.filter((credential) => credential.service === id);
    },
  });
  if (!data || data.length === 0) return null;
  return (
    <section>
      <h2>Your credentials</h2>
      <ul>
        {data.slice(0, MOST).map((credential) => (
          <li key={credential.id} className={classes.own}>
            <Link to="/settings/credentials" search={{ q: credential.name }}>
              {credential.name}
            </Link>
            <StatusPill status={credential.status} />
          </li>
        ))}
      </ul>
      {data.length > MOST && (
        <Link to="/settings/credentials" search={{ q: id }}>
          All {data.length} for {name}
        </Link>
      )}
    </section>
  );
}

export function Facts({ connector }: { connector: Connector }) {
  return (
    <aside className={classes.facts} aria-label={`About ${connector.name}`}>
      <Own id={connector.id} name={connector.name} />
      <section>
        <h2>Ways to authenticate</h2>
        <ul>
          {connector.auth.map((kind) => (
            <li key={kind.id}>{kind.name}</li>
          ))}
          {connector.auth.length === 0 && <li>None is needed.</li>}
        </ul>
      </section>
      <section>
        <h2>Hosts</h2>
        <p>Its credentials are only ever sent there.</p>
        <ul>
          {connector.hosts.map(({ host, class: kind }) => (
            <li key={host}>
              {isOpenHost(host) ? "The server that you name" : <code>{host}</code>}
              {CLASSES[kind] && !isOpenHost(host) && <span className={classes.hint}>{CLASSES[kind]}</span>}
            </li>
          ))}
        </ul>
      </section>
      {connector.documentation && (
        <section>
          <h2>Documentation</h2>
          <Anchor
            href={connector.documentation}
            target="_blank"
            rel="noreferrer"
            inherit
            underline="always"
            className={classes.out}
          >
            {hostOf(connector.documentation)}
            <ExternalLink size={12} aria-hidden />
          </Anchor>
        </section>
      )}
    </aside>
  );
}

function hostOf(address: string): string {
  try {
    return new URL(address).host;
  } catch {
    return address;
  }
}
