/** The keyboard shortcuts of the editor. */

import { Modal } from "@mantine/core";
import { MOD } from "../../lib/keys.ts";
import classes from "./Dialogs.module.css";

const KEYS: readonly (readonly [string, string])[] = [
  ["/", "Find a node and add it behind the selected one"],
  ["Tab", "Go from node to node, and to connections"],
  ["Enter", "Open the parameters of a node, or choose a connection"],
  ["Space, Shift Space", "Select a node, or select it too"],
  ["← ↑ → ↓", "Move the selected nodes"],
  ["Mod Enter", "Run the workflow"],
  ["Mod S", "Save now"],
  ["Mod Z", "Undo"],
  ["Mod Shift Z", "Redo"],
  [
    "Mod C, Mod X, Mod V",
    "Copy, cut, paste, also into another workflow. A pasted cURL command becomes a node",
  ],
  ["Mod D", "Duplicate"],
  ["Mod A", "Select everything"],
  ["Delete", "Delete what is selected"],
  ["D", "Switch the selected nodes off or on"],
  ["T", "Test the selected node"],
  ["L", "Tidy up"],
  ["F", "Show everything"],
  ["Esc", "Close the panel, select nothing"],
  ["?", "This list"],
];

/** The keyboard shortcuts of the editor. */
export default function KeysDialog({ onClose }: { onClose: () => void }) {
  return (
    <Modal opened onClose={onClose} title="Keyboard shortcuts of the editor" size="lg">
      <dl className={classes.keys}>
        {KEYS.map(([keys, what]) => (
          <div key={keys} style={{ display: "contents" }}>
            <dt>
              <kbd>{keys.replaceAll("Mod", MOD)}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </Modal>
  );
}
