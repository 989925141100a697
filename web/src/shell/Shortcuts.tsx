/** The sheet of keyboard shortcuts, and the ones that work on every screen. */
import { Kbd, Modal, Table } from "@mantine/core";
import { useDisclosure, useHotkeys } from "@mantine/hooks";
import { useNavigate } from "@tanstack/react-router";
import { useRef } from "react";
import { isMac } from "../palette/open.ts";

const GO: Record<
  string,
  { to: "/workflows" | "/logs" | "/settings/credentials" | "/settings/variables" | "/docs"; label: string }
> = {
  w: { to: "/workflows", label: "Go to workflows" },
  e: { to: "/logs", label: "Go to executions" },
  c: { to: "/settings/credentials", label: "Go to credentials" },
  s: { to: "/settings/variables", label: "Go to settings" },
  d: { to: "/docs", label: "Go to the guide" },
};

/** How long the second key may take after `g`. */
const SEQUENCE_MS = 1_200;

export function Shortcuts() {
  const [isOpen, { open, close }] = useDisclosure();
  const navigate = useNavigate();
  const started = useRef(0);
  useHotkeys([
    ["shift+?", open],
    [
      "g",
      () => {
        started.current = Date.now();
      },
    ],
    ...Object.entries(GO).map(([key, { to }]): [string, () => void] => [
      key,
      () => {
        if (Date.now() - started.current < SEQUENCE_MS) void navigate({ to });
        started.current = 0;
      },
    ]),
  ]);
  const rows: [string[], string][] = [
    [[isMac() ? "⌘" : "Ctrl", "K"], "Search everything"],
    [["?"], "Show this sheet"],
    ...Object.entries(GO).map(([key, { label }]): [string[], string] => [["G", key.toUpperCase()], label]),
    [["Esc"], "Close what is open"],
  ];
  return (
    <Modal opened={isOpen} onClose={close} title="Keyboard shortcuts" size="sm">
      <Table>
        <Table.Tbody>
          {rows.map(([keys, label]) => (
            <Table.Tr key={label}>
              <Table.Td>{label}</Table.Td>
              <Table.Td ta="right">
                {keys.map((key) => (
                  <Kbd key={key} ml={4}>
                    {key}
                  </Kbd>
                ))}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Modal>
  );
}
