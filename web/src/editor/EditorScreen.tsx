/** The editor: bar, palette, canvas, panel, dialogs. */

import { Modal } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { ReactFlowProvider, useReactFlow } from "@xyflow/react";
import { lazy, Suspense, useCallback, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { sentence } from "../api/problem.ts";
import { type Dialog, TopBar } from "./bar/TopBar.tsx";
import { Canvas, useCentre } from "./canvas/Canvas.tsx";
import classes from "./EditorScreen.module.css";
import { Inspector } from "./inspector/Inspector.tsx";
import { type KeyActs, useKeyboard } from "./keyboard.ts";
import * as commands from "./model/commands.ts";
import { type Edge, nodeById, type Position } from "./model/document.ts";
import { leadingTo } from "./model/graph.ts";
import { layOut } from "./model/layout.ts";
import { describe } from "./model/nodeTypes.ts";
import { Palette } from "./palette/Palette.tsx";
import { type Given, startRun, startTest } from "./session/api.ts";
import { useLive } from "./session/live.ts";
import { type Session, useOnlySelected, useSession } from "./session/session.tsx";

const JsonDialog = lazy(() => import("./dialogs/JsonDialog.tsx"));
const VersionsDialog = lazy(() => import("./dialogs/VersionsDialog.tsx"));
const SettingsDialog = lazy(() => import("./dialogs/SettingsDialog.tsx"));
const CurlDialog = lazy(() => import("./dialogs/CurlDialog.tsx"));
const KeysDialog = lazy(() => import("./dialogs/KeysDialog.tsx"));
const ConflictDialog = lazy(() => import("./dialogs/ConflictDialog.tsx"));

/** Where a node that is chosen in the palette goes. */
type Place = { readonly after?: { id: string; port: string }; readonly into?: Edge; readonly at?: Position };

/** The editor. */
export default function EditorScreen() {
  return (
    <ReactFlowProvider>
      <Screen />
    </ReactFlowProvider>
  );
}

/** Saves, then starts a run or a test, and follows it. */
async function start(session: Session, begin: () => Promise<string>): Promise<void> {
  if (!(await session.autosave.flush())) {
    const first = session.verdict.snapshot().faults.find((fault) => fault.level === "error");
    if (first?.node) session.store.select([first.node]);
    notifications.show({
      color: "orange",
      title: "Not run",
      message: first?.message ?? "The workflow is not saved yet. Look at the state of saving in the bar.",
    });
    return;
  }
  try {
    const id = await begin();
    await session.runs.show(id);
    const { run } = session.runs.state.snapshot();
    if (run?.status === "failed" || run?.status === "timeout") {
      const node = run.nodes.find((entry) => entry.status === "failed");
      if (node) session.store.select([node.nodeId]);
      notifications.show({
        color: "red",
        title: node ? `${node.name} failed` : "The run failed",
        message: node?.error?.message ?? run.error?.message,
        autoClose: 8_000,
      });
    }
  } catch (error) {
    notifications.show({ color: "red", title: "Not run", message: sentence(error) });
  }
}

const givenOf = (session: Session, ids?: ReadonlySet<string>): Record<string, Given> => {
  const entries = [...session.runs.state.snapshot().data].filter(([id, data]) =>
    ids ? ids.has(id) : data.pinned,
  );
  const there = new Set(session.store.document.nodes.map((node) => node.id));
  return Object.fromEntries(
    entries
      .filter(([id]) => there.has(id))
      .map(([id, data]) => [id, { output: data.output, port: data.port }]),
  );
};

function useActs() {
  const session = useSession();
  const run = useCallback(() => {
    const input = session.runs.state.snapshot().trigger ?? {};
    const given = givenOf(session);
    const pinned = Object.keys(given).length > 0;
    return start(session, () =>
      pinned ? startTest(session.id, { input, given }) : startRun(session.id, input),
    );
  }, [session]);
  const test = useCallback(
    (node: string) => {
      const before = leadingTo(session.store.document.edges, [node]);
      before.delete(node);
      const input = session.runs.state.snapshot().trigger ?? {};
      return start(session, () => startTest(session.id, { node, input, given: givenOf(session, before) }));
    },
    [session],
  );
  const tidy = useCallback(() => {
    const { selection } = session.store.snapshot();
    const only = selection.nodes.size > 1 ? selection.nodes : undefined;
    session.store.run({ label: "Tidy up" }, (doc) => commands.moveNodes(doc, layOut(doc, only)));
  }, [session]);
  return { run, test, tidy };
}

/** Puts a chosen node where it belongs. */
function usePlacing() {
  const session = useSession();
  const centre = useCentre();
  return useCallback(
    (what: commands.NewNode, place: Place) => {
      const selected = [...session.store.snapshot().selection.nodes];
      const label = `Add ${describe(what.type).label}`;
      const made = session.store.add({ label }, (doc) => {
        if (place.into) {
          const added = commands.addNodeInto(doc, place.into, what);
          return { document: added.document, ids: [added.id] };
        }
        const after = place.after?.id ?? (selected.length === 1 ? selected[0] : undefined);
        const position = place.at && { x: place.at.x, y: place.at.y - commands.NODE_HEIGHT / 2 };
        const added =
          after !== undefined && nodeById(doc, after)
            ? commands.addNodeAfter(
                doc,
                after,
                { ...what, ...(position ? { position } : {}) },
                place.after?.port,
              )
            : commands.addNode(doc, { ...what, position: position ?? centre() });
        return { document: added.document, ids: [added.id] };
      });
      return made[0];
    },
    [session, centre],
  );
}

/** Brings a node into view if it is outside. */
function useReveal() {
  const flow = useReactFlow();
  return useCallback(
    (id: string, tries = 20) => {
      const look = () => {
        const node = flow.getNode(id);
        const element = document.querySelector<HTMLElement>(`.react-flow__node[data-id="${CSS.escape(id)}"]`);
        const box = document.querySelector(".react-flow")?.getBoundingClientRect();
        // A node is hidden until the canvas library has measured it; a hidden one cannot take the focus.
        if (!node || !box || !element || element.style.visibility === "hidden") {
          tries -= 1;
          if (tries > 0) requestAnimationFrame(look);
          return;
        }
        // Who adds by keyboard goes on from the new node: Enter opens its parameters.
        element.focus({ preventScroll: true });
        const at = flow.flowToScreenPosition(node.position);
        const inside = at.x > box.left && at.x < box.right - 240 && at.y > box.top && at.y < box.bottom - 80;
        const zoom = Math.min(1, Math.max(0.6, flow.getZoom()));
        if (!inside)
          void flow.setCenter(node.position.x + 116, node.position.y + 36, { zoom, duration: 200 });
      };
      requestAnimationFrame(look);
    },
    [flow],
  );
}

function Screen() {
  const session = useSession();
  const { run, test, tidy } = useActs();
  const place = usePlacing();
  const reveal = useReveal();
  const centre = useCentre();
  const search = useRef<HTMLInputElement>(null);
  const panel = useRef<HTMLElement>(null);
  const [choosing, setChoosing] = useState<Place>();
  const [dialog, setDialog] = useState<Dialog>();
  const acts = useMemo(
    (): KeyActs => ({
      search: () => search.current?.focus(),
      run: () => void run(),
      test: (id) => void test(id),
      tidy,
      help: () => setDialog("keys"),
      focusPanel: () =>
        requestAnimationFrame(() =>
          panel.current?.querySelector<HTMLElement>("input, [contenteditable=true]")?.focus(),
        ),
      importCurl: () => setDialog("curl"),
      centre,
    }),
    [run, test, tidy, centre],
  );
  useKeyboard(session, acts);
  const pick = (what: commands.NewNode, where: Place) => {
    const id = place(what, where);
    setChoosing(undefined);
    if (id !== undefined) reveal(id);
  };
  return (
    <div className={classes.editor}>
      <TopBar onOpen={setDialog} onRun={() => void run()} onTidy={tidy} />
      <div className={classes.body}>
        <aside className={classes.palette} aria-label="Palette">
          <PaletteHere searchRef={search} onPick={(what) => pick(what, {})} />
        </aside>
        <section className={classes.canvas} aria-label="Workflow">
          <Canvas onChoose={setChoosing} />
        </section>
        <Panel panelRef={panel} onTest={(id) => void test(id)} />
      </div>
      <Modal
        opened={choosing !== undefined}
        onClose={() => setChoosing(undefined)}
        title="What comes here?"
        size="sm"
        padding="xs"
      >
        <div className={classes.choose}>
          <Palette autoFocus withoutTriggers onPick={(what) => pick(what, choosing ?? {})} />
        </div>
      </Modal>
      <Dialogs dialog={dialog} onClose={() => setDialog(undefined)} />
    </div>
  );
}

function PaletteHere({
  searchRef,
  onPick,
}: {
  searchRef: React.RefObject<HTMLInputElement | null>;
  onPick: (what: commands.NewNode) => void;
}) {
  const session = useSession();
  const selected = useOnlySelected();
  const name = useLive(session.store, (state) =>
    selected ? nodeById(state.document, selected)?.name : undefined,
  );
  return (
    <Palette
      searchRef={searchRef}
      onPick={onPick}
      hint={name ? `Click adds it behind “${name}”.` : "Click adds it, or drag it where it belongs."}
    />
  );
}

function Panel({
  panelRef,
  onTest,
}: {
  panelRef: React.RefObject<HTMLElement | null>;
  onTest: (id: string) => void;
}) {
  const session = useSession();
  const selected = useOnlySelected();
  if (selected === undefined) return null;
  return (
    <aside ref={panelRef} className={classes.panel} aria-label="Selected node">
      <Inspector id={selected} onTest={onTest} onClose={() => session.store.select([])} />
    </aside>
  );
}

function Dialogs({ dialog, onClose }: { dialog: Dialog | undefined; onClose: () => void }) {
  const { autosave } = useSession();
  const conflict = useSyncExternalStore(autosave.subscribe, () => autosave.status().kind === "conflict");
  return (
    <Suspense fallback={null}>
      {dialog === "json" && <JsonDialog onClose={onClose} />}
      {dialog === "versions" && <VersionsDialog onClose={onClose} />}
      {dialog === "settings" && <SettingsDialog onClose={onClose} />}
      {dialog === "curl" && <CurlDialog onClose={onClose} />}
      {dialog === "keys" && <KeysDialog onClose={onClose} />}
      {conflict && <ConflictDialog />}
    </Suspense>
  );
}
