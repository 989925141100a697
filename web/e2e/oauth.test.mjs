// An account is connected at the certified OpenID provider, by keyboard alone on both sides: the provider's sign-in and
// consent, the hand-off between the tabs, the test of what came of it. The traffic with Flero holds no secret.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertAccessible, assertNothingKept, launch, shot, startServer, watched } from "./harness.mjs";
import { assertCleanTraffic, recorded } from "./har.mjs";
import { choose, enter, tabTo, write } from "./keyboard.mjs";
import { CLIENT, startOidc } from "./oidc.mjs";
import { makeOwner, PASSWORD } from "./owner.mjs";

let server, provider, browser, recording, context;

before(async () => {
  [server, browser] = await Promise.all([startServer(), launch()]);
  provider = await startOidc(`${server.origin}/oauth/callback/`);
  recording = await recorded(browser);
  context = recording.context;
  const { page } = await watched(context);
  await makeOwner(page, server.setupLink);
  await page.close();
});

after(async () => {
  await browser?.close();
  provider?.stop();
  await server?.stop();
});

/** Presses what opens the provider's page, signs in there and allows what is asked for. */
async function allow(page, button) {
  await tabTo(page, button);
  const opened = context.waitForEvent("page");
  await page.keyboard.press("Enter");
  const tab = await opened;
  await write(tab, tab.locator("input[name=login]"), "grace");
  await write(tab, tab.locator("input[name=password]"), "anything");
  await tab.keyboard.press("Enter");
  await enter(tab, tab.getByRole("button", { name: /continue/i }));
}

test("an account is connected at a certified provider, and tested", async () => {
  const { page, faults } = await watched(context);
  const dialog = page.getByRole("dialog");
  const text = (name) => dialog.getByRole("textbox", { name, exact: true });
  await page.goto(`${server.origin}/settings/credentials?add=http`);
  const ways = dialog.getByRole("radio", { name: "OAuth 2.0" });
  await ways.waitFor();
  // Radios are one stop of the Tab key; the arrows go through them.
  await tabTo(page, dialog.getByRole("radio", { checked: true }).first());
  for (let pressed = 0; pressed < 20 && !(await ways.isChecked()); pressed += 1) await page.keyboard.press("ArrowDown");
  await write(page, text("Name"), "Identity");
  await write(page, text("Authorization URL"), `${provider.origin}/auth`);
  await write(page, text("Token URL"), `${provider.origin}/token`);
  await write(page, text("Client ID"), CLIENT.id);
  await write(page, dialog.getByLabel("Client secret", { exact: true }), CLIENT.secret);
  await write(page, text("Scopes (optional)").or(text("Scopes")), "openid api:read");
  await write(page, dialog.getByLabel("Allowed hosts"), provider.origin);
  await page.keyboard.press("Enter");
  await enter(page, dialog.getByRole("button", { name: "Connect", exact: true }));
  await dialog.getByLabel("Redirect URI").waitFor();
  await allow(page, dialog.getByRole("button", { name: /^Go to/ }));
  await dialog.getByText("Connected!").first().waitFor();
  // The server holds the client's secret from here on; the form does not keep it until somebody saves.
  await assertNothingKept(page, [CLIENT.secret], "connected, not saved");
  await assertAccessible(page, "connected");
  await shot(page, "credential-oidc");
  await enter(page, dialog.getByRole("button", { name: "Save" }));
  await dialog.waitFor({ state: "hidden" });
  await page.getByRole("row", { name: /Identity/ }).getByText("Active").waitFor();
  await choose(page, page.getByRole("button", { name: "Actions for Identity" }), "Test");
  await dialog.waitFor();
  await assertAccessible(page, "test of a connected account");
  await assertNothingKept(page, [CLIENT.secret, PASSWORD], "after connecting");
  assert.deepEqual(faults, []);
  await page.close();
});

test("the client secret is in the traffic only where it was typed in", async () => {
  const entries = await recording.finish();
  assertCleanTraffic(entries, server.origin, [CLIENT.secret, PASSWORD], (path) => ["/api/auth/register", "/api/credentials", "/api/credentials/oauth/start"].includes(path));
});
