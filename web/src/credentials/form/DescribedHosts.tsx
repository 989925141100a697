/** The hosts that a description names, with what was typed filled in. A server of one's own is pointed out. */
import { Alert, Text } from "@mantine/core";
import { ShieldCheck, TriangleAlert } from "lucide-react";
import { isOpenHost } from "../../catalog/request.ts";
import type { Connector } from "../../catalog/types.ts";
import type { Values } from "../ways.ts";
import classes from "./DescribedHosts.module.css";

/** A host with the values that are known so far. */
export const filled = (host: string, values: Values): string =>
  host.replace(/\{([^}]+)\}/g, (place, name: string) => values[name]?.trim() || place);

export function DescribedHosts({ rules, values }: { rules: Connector["hosts"]; values: Values }) {
  const typed = rules.filter((rule) => rule.class === "typed").map((rule) => filled(rule.host, values));
  const known = typed.filter((host) => !host.includes("{"));
  return (
    <div>
      <div className={classes.hosts}>
        <ShieldCheck size={15} aria-hidden className={classes.icon} />
        <Text size="xs" component="span">
          The secret is only ever sent to{" "}
          {rules.map(({ host }, at) => (
            <span key={host}>
              {at > 0 && ", "}
              {isOpenHost(filled(host, values)) ? "the server above" : <code>{filled(host, values)}</code>}
            </span>
          ))}
          .
        </Text>
      </div>
      {known.length > 0 && (
        <Alert color="orange" mt="xs" icon={<TriangleAlert size={16} aria-hidden />}>
          You named this server yourself: <strong>{known.join(", ")}</strong>. Make sure that it is the right
          one before the secret goes there.
        </Alert>
      )}
    </div>
  );
}
