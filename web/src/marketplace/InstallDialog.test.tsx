import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it, vi } from "vitest";
import { theme } from "../theme.ts";
import { InstallDialog } from "./InstallDialog.tsx";
import { marketplaceActs } from "./queries.ts";
import { change, made } from "./testing.ts";
import type { Package } from "./types.ts";

afterEach(() => vi.restoreAllMocks());

/** The theme puts what floats into an element of the page, which the test environment has not. */
function show(one: Package) {
  const overlays = document.createElement("div");
  overlays.id = "overlays";
  document.body.replaceChildren(overlays);
  return render(
    <MantineProvider theme={theme} env="test">
      <QueryClientProvider client={new QueryClient()}>
        <InstallDialog one={one} registryName="Community" onClose={() => {}} onAddCredential={undefined} />
      </QueryClientProvider>
    </MantineProvider>,
  );
}

it("installs only after consent, and sends exactly what was shown", async () => {
  const install = vi.spyOn(marketplaceActs, "install").mockReturnValue(new Promise(() => {}));
  show(made({ reach: { hosts: ["api.example.com", "auth.example.com"], permissions: ["read"] } }));
  const button = screen.getByRole<HTMLButtonElement>("button", { name: "Install" });
  expect(button.disabled).toBe(true);
  for (const name of ["api.example.com", "auth.example.com", "read"]) screen.getByText(name);
  await userEvent.click(
    screen.getByRole("checkbox", { name: /the 2 hosts above, and .* the permission above/ }),
  );
  await userEvent.click(button);
  expect(install.mock.calls[0]?.[0]).toEqual({
    registry: "community",
    id: "rates",
    version: "1.0.0",
    accept: { hosts: ["api.example.com", "auth.example.com"], permissions: ["read"] },
  });
});

it("shows an upgrade as a difference, in words too", () => {
  const difference = change({ hosts: ["new.example.com"] }, { operations: ["old_one"] });
  show(made({ version: "1.1.0", installed: {}, change: difference }));
  const lines = screen.getAllByRole("listitem").map((line) => line.textContent);
  expect(lines).toEqual(["Added: new.example.com", "Removed: old_one"]);
});

it("asks for nothing where nothing is added, and anew where other things are", async () => {
  const quiet = made({ version: "1.1.0", installed: {}, change: change({ operations: ["list"] }) });
  const { unmount } = show(quiet);
  expect(screen.queryByRole("checkbox")).toBeNull();
  expect(screen.getByRole<HTMLButtonElement>("button", { name: "Upgrade" }).disabled).toBe(false);
  unmount();
});
