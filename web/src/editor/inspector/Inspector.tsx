/** The panel of the selected node: parameters, settings, data. */

import { Tabs } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useCallback, useRef, useState } from "react";
import { api, value } from "../../api/client.ts";
import type { Beginning } from "../../credentials/form-state.ts";
import { isObject, type Json } from "../model/document.ts";
import { useNode } from "../session/session.tsx";
import { FormProvider } from "./form.tsx";
import { Head } from "./Head.tsx";
import classes from "./Inspector.module.css";
import { NewCredential } from "./NewCredential.tsx";
import { NodeDataTab } from "./NodeDataTab.tsx";
import { NodeSettings } from "./NodeSettings.tsx";
import { InputData, Parameters } from "./Parameters.tsx";

interface Props {
  readonly id: string;
  readonly onTest: (id: string) => void;
  readonly onClose: () => void;
}

/** The workspace's variables, for completion. */
function useEnv(): Readonly<Record<string, Json>> {
  const { data } = useQuery({
    queryKey: ["variables", "values"],
    queryFn: async () => (await value(api.GET("/api/variables"))) as Record<string, Json>,
    staleTime: 60_000,
    retry: false,
  });
  return isObject(data) ? data : {};
}

/** The panel of a node. */
export function Inspector({ id, onTest, onClose }: Props) {
  const node = useNode(id);
  const env = useEnv();
  const [tab, setTab] = useState<string | null>("parameters");
  const insert = useRef<((text: string) => void) | null>(null);
  const [canInsert, setCanInsert] = useState(false);
  const [making, setMaking] = useState<{ readonly beginning?: Beginning }>();
  const makeCredential = useCallback(
    (beginning?: Beginning) => setMaking(beginning ? { beginning } : {}),
    [],
  );
  if (!node) return null;
  const onInsert = (made: ((text: string) => void) | null) => {
    insert.current = made;
    setCanInsert(made !== null);
  };
  return (
    <section className={classes.inspector} aria-label={`Node ${node.name}`}>
      <Head node={node} onTest={() => onTest(id)} onClose={onClose} />
      <Tabs
        value={tab}
        onChange={setTab}
        keepMounted={false}
        style={{ display: "flex", flexDirection: "column", flex: 1, minHeight: 0 }}
      >
        <Tabs.List px={8}>
          <Tabs.Tab value="parameters">Parameters</Tabs.Tab>
          <Tabs.Tab value="settings">Settings</Tabs.Tab>
          <Tabs.Tab value="data">Data</Tabs.Tab>
        </Tabs.List>
        <FormProvider node={node} env={env} onInsert={onInsert} makeCredential={makeCredential} key={node.id}>
          <Tabs.Panel value="parameters" className={classes.panel}>
            <Parameters node={node} />
            <InputData
              node={node}
              onPick={canInsert ? (expression) => insert.current?.(`{{ ${expression} }}`) : undefined}
            />
          </Tabs.Panel>
          <Tabs.Panel value="settings" className={classes.panel}>
            <NodeSettings node={node} />
          </Tabs.Panel>
          <Tabs.Panel value="data" className={classes.panel}>
            <NodeDataTab node={node} onPick={undefined} />
          </Tabs.Panel>
        </FormProvider>
      </Tabs>
      {making && <NewCredential node={node} onClose={() => setMaking(undefined)} {...making} />}
    </section>
  );
}
