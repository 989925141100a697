/** Gives the records that fit the filters to the browser as a file. */
import { Button, Menu } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { sentence } from "../api/problem.ts";
import { count } from "../lib/format.ts";
import { notify } from "../ui/notify.ts";
import { asCsv, asJsonLines, save } from "./export.ts";
import { type AuditFilter, everyEntry } from "./queries.ts";

/** More would not fit comfortably into a page's memory; the API gives the rest. */
const MOST_EXPORTED = 50_000;

export function ExportMenu({ filter, total }: { filter: AuditFilter; total: number }) {
  const run = useMutation({
    mutationFn: async (form: "jsonl" | "csv") => {
      const entries = await everyEntry(filter, MOST_EXPORTED);
      if (form === "csv") save("audit.csv", "text/csv", asCsv(entries));
      else save("audit.jsonl", "application/jsonl", asJsonLines(entries));
      return entries.length;
    },
    gcTime: 0,
    onSuccess: (length) =>
      length < total
        ? notify.failed(
            "Not everything fits into one file",
            `The newest ${count(length, "record")} are in it. Choose a shorter time for the others.`,
          )
        : notify.done("Exported", `${count(length, "record")} are in the file.`),
    onError: (error) => notify.failed("Not exported", sentence(error)),
  });
  return (
    <Menu>
      <Menu.Target>
        <Button
          variant="default"
          leftSection={<Download size={14} aria-hidden />}
          loading={run.isPending}
          disabled={total === 0}
        >
          Export
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => run.mutate("jsonl")}>JSON lines</Menu.Item>
        <Menu.Item onClick={() => run.mutate("csv")}>CSV</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
