/** The keyboard of the editor: what a key means for the canvas, and what is left to fields. */

import { useReactFlow } from "@xyflow/react";
import { useEffect } from "react";
import { fragmentOf, paste, readFragment, writeFragment } from "./model/clipboard.ts";
import * as commands from "./model/commands.ts";
import { edgeKey } from "./model/document.ts";
import type { Session } from "./session/session.tsx";

/** What keys ask the page for. */
export interface KeyActs {
  readonly search: () => void;
  readonly run: () => void;
  readonly test: (id: string) => void;
  readonly tidy: () => void;
  readonly help: () => void;
  readonly focusPanel: () => void;
  readonly importCurl: (command: string) => void;
  readonly centre: () => { x: number; y: number };
}

/** Whether keys are typed into a field, where they mean text. */
function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    target.closest("input, textarea, select, [contenteditable=true], [role=dialog], [role=menu]") !== null
  );
}

/** Deletes what is selected. */
export function deleteSelected({ store }: Session): void {
  const { selection } = store.snapshot();
  if (selection.nodes.size > 0) {
    const label = selection.nodes.size === 1 ? "Delete a node" : `Delete ${selection.nodes.size} nodes`;
    store.run({ label }, (doc) => commands.deleteNodes(doc, selection.nodes));
  } else if (selection.edges.size > 0) {
    store.run({ label: "Remove a connection" }, (doc) =>
      commands.disconnect(
        doc,
        doc.edges.filter((edge) => selection.edges.has(edgeKey(edge))),
      ),
    );
  }
}

function withMod(event: KeyboardEvent, session: Session, acts: KeyActs): boolean {
  const { store } = session;
  switch (event.key.toLowerCase()) {
    case "enter":
      acts.run();
      return true;
    case "s":
      void session.autosave.flush();
      return true;
    default:
  }
  if (isTyping(event.target)) return false;
  switch (event.key.toLowerCase()) {
    case "z":
      if (event.shiftKey) store.redo();
      else store.undo();
      return true;
    case "y":
      store.redo();
      return true;
    case "a":
      store.select(store.document.nodes.map((node) => node.id));
      return true;
    case "d":
      store.add({ label: "Duplicate" }, (doc) =>
        paste(doc, fragmentOf(doc, store.snapshot().selection.nodes)),
      );
      return true;
    default:
      return false;
  }
}

function plain(event: KeyboardEvent, session: Session, acts: KeyActs, showAll: () => void): boolean {
  const { store } = session;
  const selected = [...store.snapshot().selection.nodes];
  switch (event.key) {
    case "/":
      acts.search();
      return true;
    case "?":
      acts.help();
      return true;
    case "Delete":
    case "Backspace":
      deleteSelected(session);
      return true;
    case "Escape":
      store.select([]);
      return true;
    case "d":
      store.run({ label: "Switch nodes off or on" }, (doc) =>
        commands.toggleDisabled(doc, new Set(selected)),
      );
      return true;
    case "t":
      if (selected[0] !== undefined) acts.test(selected[0]);
      return true;
    case "l":
      acts.tidy();
      return true;
    case "f":
      showAll();
      return true;
    default:
      return false;
  }
}

/** Listens to the keyboard and the clipboard while the editor is open. */
export function useKeyboard(session: Session, acts: KeyActs): void {
  const flow = useReactFlow();
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing) return;
      const mod = event.metaKey || event.ctrlKey;
      const inDialog = event.target instanceof HTMLElement && event.target.closest("[role=dialog]") !== null;
      if (inDialog) return;
      if (
        mod
          ? withMod(event, session, acts)
          : !event.altKey &&
            !isTyping(event.target) &&
            plain(event, session, acts, () => void flow.fitView({ duration: 200, maxZoom: 1 }))
      ) {
        event.preventDefault();
        return;
      }
      const onEdge =
        event.target instanceof SVGElement ? event.target.closest<SVGElement>(".react-flow__edge") : null;
      if ((event.key === "Enter" || event.key === " ") && !mod && onEdge?.dataset.id) {
        session.store.select([], [onEdge.dataset.id]);
        event.preventDefault();
        return;
      }
      const onNode =
        event.target instanceof HTMLElement ? event.target.closest<HTMLElement>(".react-flow__node") : null;
      if (event.key === "Enter" && !mod && onNode?.dataset.id && event.target === onNode) {
        session.store.select([onNode.dataset.id]);
        acts.focusPanel();
        event.preventDefault();
      }
    };
    const onCopy = (event: ClipboardEvent) => {
      const { selection } = session.store.snapshot();
      if (isTyping(event.target) || selection.nodes.size === 0 || window.getSelection()?.toString()) return;
      event.clipboardData?.setData(
        "text/plain",
        writeFragment(fragmentOf(session.store.document, selection.nodes)),
      );
      event.preventDefault();
      if (event.type === "cut") deleteSelected(session);
    };
    const onPaste = (event: ClipboardEvent) => {
      if (isTyping(event.target)) return;
      const text = event.clipboardData?.getData("text/plain") ?? "";
      const fragment = readFragment(text);
      if (fragment) session.store.add({ label: "Paste" }, (doc) => paste(doc, fragment, acts.centre()));
      else if (/^\s*curl\s/i.test(text)) acts.importCurl(text);
      else return;
      event.preventDefault();
    };
    // The capture phase: the canvas library keeps some keys of its nodes to itself.
    window.addEventListener("keydown", onKey, true);
    document.addEventListener("copy", onCopy);
    document.addEventListener("cut", onCopy);
    document.addEventListener("paste", onPaste);
    return () => {
      window.removeEventListener("keydown", onKey, true);
      document.removeEventListener("copy", onCopy);
      document.removeEventListener("cut", onCopy);
      document.removeEventListener("paste", onPaste);
    };
  }, [session, acts, flow]);
}
