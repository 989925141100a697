/** The editor: bar, palette, canvas, panel, dialogs. */

import { Button, Modal } from "@mantine/core";
import { ReactFlowProvider, useReactFlow } from "@xyflow/react";
import { Plus } from "lucide-react";
import {
  lazy,
  Suspense,
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
} from "react";
import { useActs } from "./acts.ts";
import { type Dialog, TopBar } from "./bar/TopBar.tsx";
import { Canvas, useCentre } from "./canvas/Canvas.tsx";
import classes from "./EditorScreen.module.css";
import { Inspector } from "./inspector/Inspector.tsx";
import { type KeyActs, useKeyboard } from "./keyboard.ts";
import type * as commands from "./model/commands.ts";
import { nodeById } from "./model/document.ts";
import { Palette } from "./palette/Palette.tsx";
import { type Place, usePlacing, useReveal } from "./placing.ts";
import { useLive } from "./session/live.ts";
import { useOnlySelected, useSession } from "./session/session.tsx";

const JsonDialog = lazy(() => import("./dialogs/JsonDialog.tsx"));
const VersionsDialog = lazy(() => import("./dialogs/VersionsDialog.tsx"));
const SettingsDialog = lazy(() => import("./dialogs/SettingsDialog.tsx"));
const CurlDialog = lazy(() => import("./dialogs/CurlDialog.tsx"));
const KeysDialog = lazy(() => import("./dialogs/KeysDialog.tsx"));
const ConflictDialog = lazy(() => import("./dialogs/ConflictDialog.tsx"));

/** Milliseconds after which the canvas has its new size. */
const PANEL_MS = 150;

/** The editor. */
export default function EditorScreen() {
  return (
    <ReactFlowProvider>
      <Screen />
    </ReactFlowProvider>
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
  const [curl, setCurl] = useState("");
  const closeDialog = useCallback(() => {
    // A pasted command may hold a secret.
    setCurl("");
    setDialog(undefined);
  }, []);
  const acts = useMemo(
    (): KeyActs => ({
      search: () => {
        // Where there is no room for the palette it opens over the canvas.
        if (search.current?.offsetParent) search.current.focus();
        else setChoosing({});
      },
      run: () => void run(),
      test: (id) => void test(id),
      tidy,
      help: () => setDialog("keys"),
      focusPanel: () =>
        requestAnimationFrame(() =>
          panel.current?.querySelector<HTMLElement>("input, [contenteditable=true]")?.focus(),
        ),
      importCurl: (command) => {
        setCurl(command);
        setDialog("curl");
      },
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
          <Button
            className={classes.add ?? ""}
            size="xs"
            variant="default"
            leftSection={<Plus size={14} aria-hidden />}
            onClick={() => setChoosing({})}
          >
            Add a node
          </Button>
        </section>
        <Panel panelRef={panel} onTest={(id) => void test(id)} />
      </div>
      <Modal
        opened={choosing !== undefined}
        onClose={() => setChoosing(undefined)}
        title="What comes here?"
        size="sm"
        padding="xs"
        styles={{ header: { paddingInline: 22 } }}
      >
        <div className={classes.choose}>
          <Palette
            autoFocus
            withoutTriggers={choosing?.after !== undefined || choosing?.into !== undefined}
            onPick={(what) => pick(what, choosing ?? {})}
          />
        </div>
      </Modal>
      <Dialogs dialog={dialog} curl={curl} onClose={closeDialog} />
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
  const reveal = useReveal();
  const flow = useReactFlow();
  const isOpen = selected !== undefined;
  // The panel takes a part of the canvas: the node that it is about must not end up below it.
  // biome-ignore lint/correctness/useExhaustiveDependencies: another node is on the screen already when it is clicked
  useEffect(() => {
    if (selected === undefined) return;
    const timer = setTimeout(() => {
      if (!flow.getNode(selected)?.dragging) reveal(selected, { focus: false });
    }, PANEL_MS);
    return () => clearTimeout(timer);
  }, [isOpen]);
  if (selected === undefined) return null;
  return (
    <aside ref={panelRef} className={classes.panel} aria-label="Selected node">
      <Inspector id={selected} onTest={onTest} onClose={() => session.store.select([])} />
    </aside>
  );
}

interface DialogsProps {
  readonly dialog: Dialog | undefined;
  /** The cURL command that was pasted. */
  readonly curl: string;
  readonly onClose: () => void;
}

function Dialogs({ dialog, curl, onClose }: DialogsProps) {
  const { autosave } = useSession();
  const conflict = useSyncExternalStore(autosave.subscribe, () => autosave.status().kind === "conflict");
  return (
    <Suspense fallback={null}>
      {dialog === "json" && <JsonDialog onClose={onClose} />}
      {dialog === "versions" && <VersionsDialog onClose={onClose} />}
      {dialog === "settings" && <SettingsDialog onClose={onClose} />}
      {dialog === "curl" && <CurlDialog pasted={curl} onClose={onClose} />}
      {dialog === "keys" && <KeysDialog onClose={onClose} />}
      {conflict && <ConflictDialog />}
    </Suspense>
  );
}
