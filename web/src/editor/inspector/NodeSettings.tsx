/** What is set beside a node's parameters: retries, what happens after a crash, notes, connections. */

import { NumberInput, SegmentedControl, Switch, Textarea } from "@mantine/core";
import * as commands from "../model/commands.ts";
import type { WorkflowNode } from "../model/document.ts";
import { describe } from "../model/nodeTypes.ts";
import { useSession } from "../session/session.tsx";
import { Connections } from "./Connections.tsx";
import { Frame } from "./form.tsx";
import classes from "./Inspector.module.css";
import { DurationInput } from "./special.tsx";

/** The settings of a node. */
export function NodeSettings({ node }: { node: WorkflowNode }) {
  const session = useSession();
  const type = describe(node.type);
  const set = (options: Parameters<typeof commands.setOptions>[2], label = `Edit ${node.name}`) => {
    session.store.run({ label, key: `options:${node.id}:${Object.keys(options).join()}` }, (doc) =>
      commands.setOptions(doc, node.id, options),
    );
  };
  return (
    <>
      <h3 className={classes.label}>Leads to</h3>
      <Connections node={node} />
      {(type.retries || type.category === "call") && (
        <>
          <h3 className={classes.group}>When it fails</h3>
          <Frame
            label="Retries"
            path={["retries"]}
            help="How many further attempts, 10 at most. Half of each wait is random, so that runs that failed together do not come back together."
          >
            {() => (
              <NumberInput
                aria-label="Retries"
                min={0}
                max={10}
                placeholder="0"
                value={node.retries ?? ""}
                onChange={(next) => set({ retries: typeof next === "number" && next > 0 ? next : undefined })}
              />
            )}
          </Frame>
          {(node.retries ?? 0) > 0 && (
            <>
              <Frame label="Wait before a retry" path={["retryDelayMs"]}>
                {() => (
                  <DurationInput
                    label="Wait before a retry"
                    value={node.retryDelayMs}
                    fallback={1_000}
                    invalid={false}
                    onChange={(next) => set({ retryDelayMs: typeof next === "number" ? next : undefined })}
                  />
                )}
              </Frame>
              <Frame label="Each further wait" path={["backoff"]}>
                {() => (
                  <SegmentedControl
                    fullWidth
                    size="xs"
                    aria-label="Each further wait"
                    value={node.backoff ?? "fixed"}
                    onChange={(next) => set({ backoff: next === "exponential" ? "exponential" : undefined })}
                    data={[
                      { value: "fixed", label: "The same" },
                      { value: "exponential", label: "Twice as long" },
                    ]}
                  />
                )}
              </Frame>
            </>
          )}
          <Frame
            label="If Flero was stopped in the middle of the call"
            path={["onUncertain"]}
            help="Either way the run says that it may have happened twice."
          >
            {() => (
              <SegmentedControl
                fullWidth
                size="xs"
                aria-label="If Flero was stopped in the middle of the call"
                value={node.onUncertain ?? "retry"}
                onChange={(next) => set({ onUncertain: next === "fail" ? "fail" : undefined })}
                data={[
                  { value: "retry", label: "Try again" },
                  { value: "fail", label: "Fail" },
                ]}
              />
            )}
          </Frame>
        </>
      )}
      <h3 className={classes.group}>For people who read it</h3>
      <Frame label="Notes" path={["notes"]}>
        {() => (
          <Textarea
            aria-label="Notes"
            autosize
            minRows={3}
            maxRows={12}
            maxLength={4_000}
            value={node.notes ?? ""}
            placeholder="Why this step is here"
            onChange={(event) => set({ notes: event.currentTarget.value || undefined })}
          />
        )}
      </Frame>
      <Switch
        size="xs"
        label="Switched off"
        description="It does nothing and passes its input on."
        checked={node.disabled === true}
        onChange={(event) =>
          set({ disabled: event.currentTarget.checked || undefined }, "Switch a node off or on")
        }
      />
    </>
  );
}
