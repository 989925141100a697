/** Gives the records that fit the filters to the browser as a file, as the server writes it. */
import { Button, Menu } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { api, value } from "../api/client.ts";
import { sentence } from "../api/problem.ts";
import { useCan } from "../auth/me.ts";
import { useStepUp } from "../auth/step-up.tsx";
import { notify } from "../ui/notify.ts";
import type { AuditFilter } from "./queries.ts";
import { save } from "./save.ts";

type Form = "jsonl" | "csv";

export function ExportMenu({ filter, total }: { filter: AuditFilter; total: number }) {
  const canExport = useCan("audit.export");
  const guard = useStepUp();
  const run = useMutation({
    mutationFn: async (format: Form) => {
      const params = { query: { ...filter, format } };
      const file = await guard(() => value(api.GET("/api/audit/export", { params, parseAs: "blob" })));
      save(`flero-audit.${format}`, file as Blob);
    },
    gcTime: 0,
    onSuccess: (_, format) =>
      notify.done(
        "Exported",
        format === "jsonl"
          ? "“flero audit verify FILE” checks that nothing in it was changed."
          : "The file is on your disk. Only JSON lines can be verified.",
      ),
    onError: (error) => notify.failed("Not exported", sentence(error)),
  });
  if (!canExport) return null;
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
        <Menu.Item onClick={() => run.mutate("jsonl")}>JSON lines, which can be verified</Menu.Item>
        <Menu.Item onClick={() => run.mutate("csv")}>CSV, for spreadsheets</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
