import { MantineProvider } from "@mantine/core";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it, vi } from "vitest";
import { api } from "../../../api/client.ts";
import { theme } from "../../../theme.ts";
import { EventSecret } from "./EventSecret.tsx";

vi.mock("../../session/session.tsx", () => ({ useSession: () => ({ id: "wf_1" }) }));
afterEach(() => vi.restoreAllMocks());

const TOLD = "secret_tMrlL1qK5vuQAh1b6cZGhFChZTSYJlce98V0pYn7yBl";
const answer = { data: {}, response: new Response("{}") } as never;

function show(props: { isSet: boolean; told?: string }, onSaved = () => {}) {
  const whole = (next: typeof props) => (
    <MantineProvider theme={theme} env="test">
      <EventSecret serviceName="Notion" onSaved={onSaved} {...next} />
    </MantineProvider>
  );
  const { rerender } = render(whole(props));
  return (next: typeof props) => rerender(whole(next));
}

it("shows a secret that the service sent, and keeps it only when somebody says that it was confirmed", async () => {
  const put = vi.spyOn(api, "PUT").mockResolvedValue(answer);
  const saved = vi.fn();
  const next = show({ isSet: false, told: TOLD }, saved);
  screen.getByText("2. Confirm this secret at Notion");
  expect(screen.getByLabelText<HTMLInputElement>("Secret that was sent", { selector: "input" }).value).toBe(
    TOLD,
  );
  expect(put).not.toHaveBeenCalled();
  await userEvent.click(screen.getByRole("button", { name: "Notion accepted it: keep it" }));
  expect(put).toHaveBeenCalledWith("/api/workflows/{id}/event/secret", {
    params: { path: { id: "wf_1" } },
    body: { secret: TOLD },
  });
  expect(saved).toHaveBeenCalled();
  next({ isSet: true });
  screen.getByText("2. The signing secret is set");
  expect(document.documentElement.outerHTML).not.toContain(TOLD);
});

it("empties the field before the answer comes", async () => {
  vi.spyOn(api, "PUT").mockReturnValue(new Promise(() => {}) as never);
  show({ isSet: false });
  const field = screen.getByLabelText<HTMLInputElement>(/Paste the signing secret/);
  await userEvent.type(field, "typed-secret");
  await userEvent.click(screen.getByRole("button", { name: "Keep it" }));
  expect(field.value).toBe("");
});
