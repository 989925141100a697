/** The sheet of keyboard shortcuts, and the ones that work on every screen. */
import { Kbd, Modal, Table, Text } from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import { useNavigate } from "@tanstack/react-router";
import { useRef } from "react";
import { MOD } from "../lib/keys.ts";
import { GO, SEQUENCE_MS } from "./shortcuts.ts";

interface Props {
  isOpen: boolean;
  onOpen: () => void;
  onClose: () => void;
}

export function Shortcuts({ isOpen, onOpen, onClose }: Props) {
  const navigate = useNavigate();
  const started = useRef(0);
  useHotkeys([
    // A screen with a sheet of its own, such as the editor, has taken the key by then.
    ["shift+?", (event) => event.defaultPrevented || onOpen(), { preventDefault: false }],
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
    [[MOD, "K"], "Search everything, and do anything"],
    [["?"], "Show this sheet"],
    ...Object.entries(GO).map(([key, { label }]): [string[], string] => [["G", key.toUpperCase()], label]),
    [["Esc"], "Close what is open"],
  ];
  return (
    <Modal opened={isOpen} onClose={onClose} title="Keyboard shortcuts" size="sm">
      <Table aria-label="Keyboard shortcuts">
        <Table.Tbody>
          {rows.map(([keys, label]) => (
            <Table.Tr key={label}>
              <Table.Td>{label}</Table.Td>
              <Table.Td ta="right" style={{ whiteSpace: "nowrap" }}>
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
      <Text size="xs" c="dimmed" mt="sm">
        The editor has keys of its own: press ? there.
      </Text>
    </Modal>
  );
}
