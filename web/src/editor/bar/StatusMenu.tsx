/** The status of the workflow: what runs by itself, and what does not. */

import { Menu, UnstyledButton } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQueryClient } from "@tanstack/react-query";
import { ChevronDown } from "lucide-react";
import { sentence } from "../../api/problem.ts";
import { Ago } from "../../ui/Ago.tsx";
import { StatusPill } from "../../ui/StatusPill.tsx";
import { setStatus, type WorkflowFacts } from "../session/api.ts";
import { useLive } from "../session/live.ts";
import { useSession } from "../session/session.tsx";

const ACTS: Record<
  WorkflowFacts["status"],
  readonly { readonly to: WorkflowFacts["status"]; readonly label: string; readonly help: string }[]
> = {
  draft: [
    { to: "active", label: "Activate", help: "Its trigger starts running this version." },
    { to: "archived", label: "Archive", help: "Put away for 30 days, then deleted." },
  ],
  active: [
    { to: "active", label: "Activate this version", help: "From now on the trigger runs what is saved now." },
    { to: "inactive", label: "Deactivate", help: "Its trigger stops. Runs that go on are finished." },
  ],
  inactive: [
    { to: "active", label: "Activate", help: "Its trigger starts running this version." },
    { to: "archived", label: "Archive", help: "Put away for 30 days, then deleted." },
  ],
  archived: [{ to: "draft", label: "Restore", help: "It can be edited and run again." }],
};

/** The status, and what it can become. */
export function StatusMenu() {
  const session = useSession();
  const queries = useQueryClient();
  const facts = useLive(session.facts, (known) => known);
  const become = async (to: WorkflowFacts["status"]) => {
    if (!(await session.autosave.flush()) && to === "active") {
      notifications.show({
        color: "red",
        title: "Not activated",
        message: "The workflow is not saved yet: fix what is marked, then activate it.",
      });
      return;
    }
    try {
      const opened = await setStatus(session.id, to);
      session.autosave.settle(
        session.autosave.base(),
        opened.etag,
        opened.facts.version,
        session.store.document,
      );
      session.facts.set(opened.facts);
      void queries.invalidateQueries({ queryKey: ["workflows"] });
      if (to === "active")
        notifications.show({
          color: "green",
          title: "Active",
          message: `Version ${opened.facts.activeVersion} now runs on its trigger.`,
        });
    } catch (error) {
      notifications.show({
        color: "red",
        title: "The status was not changed",
        message: sentence(error),
        autoClose: 10_000,
      });
    }
  };
  const older =
    facts.status === "active" && facts.activeVersion !== null && facts.activeVersion !== facts.version;
  return (
    <Menu position="bottom-start" width={260}>
      <Menu.Target>
        <UnstyledButton
          aria-label={`Status: ${facts.status}. Change it`}
          style={{ display: "inline-flex", alignItems: "center", gap: 4 }}
        >
          <StatusPill status={facts.status} />
          {older && <small style={{ color: "var(--flero-warn)" }}>v{facts.activeVersion} runs</small>}
          {facts.status === "active" && facts.nextRuns[0] && (
            <small style={{ color: "var(--flero-ink-soft)" }}>
              next <Ago at={facts.nextRuns[0]} />
            </small>
          )}
          <ChevronDown size={13} aria-hidden />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        {ACTS[facts.status]
          .filter((act) => act.to !== facts.status || older)
          .map((act) => (
            <Menu.Item key={act.label} onClick={() => void become(act.to)}>
              {act.label}
              <div style={{ color: "var(--flero-ink-faint)", fontSize: 11.5 }}>{act.help}</div>
            </Menu.Item>
          ))}
      </Menu.Dropdown>
    </Menu>
  );
}
