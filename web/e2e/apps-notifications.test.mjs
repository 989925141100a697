// OAuth apps, notifications and the list of executions in a real browser: an app is set up and a credential uses it, a
// failed run rings the bell and leads to itself, a webhook is called, and a view of the list stands in its address.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { assertAccessible, assertNothingKept, launch, shot, startServer, watched } from "./harness.mjs";
import { makeOwner } from "./owner.mjs";
import { call } from "./people.mjs";

const CLIENT_SECRET = "canary-5e0d91c7a3b24f66";
const REPLACED_SECRET = "canary-90b1f4e2d7aa4c15";

let server, browser, context, hook;
const heard = [];

before(async () => {
  hook = createServer((request, response) => {
    heard.push(request.headers["webhook-signature"]);
    request.resume();
    response.end("{}");
  }).listen(0, "127.0.0.1");
  [server, browser] = await Promise.all([startServer(), launch()]);
  context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  context.setDefaultTimeout(60_000);
  const { page } = await watched(context);
  await makeOwner(page, server.setupLink);
  await page.close();
});

after(async () => {
  await browser?.close();
  hook?.close();
  await server?.stop();
});

test("an OAuth app is set up once, and a credential then needs no client of its own", async () => {
  const { page, faults } = await watched(context);
  const dialog = page.getByRole("dialog");
  await page.goto(`${server.origin}/settings/oauth-apps`);
  await page.getByText("No OAuth app yet").waitFor();
  await assertAccessible(page, "no OAuth app");
  // By keyboard alone: the service is found by its name, and Enter takes it.
  await page.getByRole("button", { name: "Set up an app" }).focus();
  await page.keyboard.press("Enter");
  await dialog.getByLabel("Search services").waitFor();
  await dialog.getByRole("option").first().waitFor();
  await dialog.getByLabel("Search services").focus();
  await page.keyboard.type("github");
  await dialog.getByRole("option", { name: /^GitHub/ }).first().waitFor();
  await page.keyboard.press("Enter");
  await dialog.getByLabel("Client ID").waitFor();
  await dialog.getByText("Redirect URI").first().waitFor();
  await assertAccessible(page, "new OAuth app");
  await dialog.getByRole("button", { name: "Set up" }).click();
  await dialog.getByText("This is required.").first().waitFor();
  await dialog.getByLabel("Client ID").fill("Iv1.0a1b2c3d4e5f");
  await dialog.getByLabel("Client secret").fill(CLIENT_SECRET);
  await shot(page, "oauth-app");
  await dialog.getByRole("button", { name: "Set up" }).click();
  await dialog.waitFor({ state: "detached" });
  await page.getByRole("cell", { name: /Iv1\.0a1b2c3d4e5f/ }).waitFor();
  await assertAccessible(page, "OAuth apps");
  await shot(page, "oauth-apps");

  await page.getByRole("button", { name: "Replace the client of GitHub" }).click();
  await dialog.getByRole("button", { name: "More settings" }).click();
  const proof = dialog.getByRole("combobox", { name: /How the app proves itself/ }).or(dialog.getByRole("textbox", { name: /How the app proves itself/ })).first();
  await proof.click();
  await page.getByRole("option", { name: /private key/ }).click();
  await dialog.getByLabel("Private key").waitFor();
  assert.equal(await dialog.getByLabel("Client secret").count(), 0, "a key is the proof, so no secret is asked for");
  await assertAccessible(page, "an OAuth app that proves itself by a key");
  await shot(page, "oauth-app-proof");
  await proof.click();
  await page.getByRole("option", { name: "Secret in the body" }).click();
  await dialog.getByLabel("Client secret").fill(REPLACED_SECRET);
  await dialog.getByRole("button", { name: "Replace", exact: true }).click();
  await dialog.waitFor({ state: "detached" });
  await assertNothingKept(page, [CLIENT_SECRET, REPLACED_SECRET], "OAuth apps");
  const [app] = (await call(page, "GET", "/api/oauth-apps")).items;
  assert.equal(app.parameters.clientAuthMethod, "client_secret_post");

  await page.goto(`${server.origin}/settings/credentials?add=github`);
  await dialog.getByRole("radio", { name: "OAuth app" }).click();
  await dialog.getByRole("radio", { name: "Use the app of this workspace" }).waitFor();
  assert.equal(await dialog.getByLabel("Client ID").count(), 0, "the app supplies the client");
  await assertAccessible(page, "credential with an OAuth app");
  await shot(page, "credential-oauth-app");
  await dialog.getByRole("radio", { name: "Use my own" }).click();
  await dialog.getByLabel("Client ID").waitFor();
  await page.keyboard.press("Escape");
  assert.deepEqual(faults, []);
  await page.close();
});

test("a failed run rings the bell, leads to the run, and is read by that", async () => {
  const { page, faults } = await watched(context);
  await page.goto(`${server.origin}/workflows`);
  const bell = page.getByRole("button", { name: /^Notifications/ }).first();
  await bell.waitFor();
  const nodes = [
    { id: "t", name: "Webhook", type: "WebhookTrigger", parameters: { path: "night", method: "POST", responseMode: "immediately" }, position: { x: 0, y: 0 } },
    { id: "h", name: "Call the shop", type: "HTTPRequest", parameters: { url: "http://127.0.0.1:9/orders", method: "GET" }, position: { x: 330, y: 0 } },
  ];
  const made = await call(page, "POST", "/api/workflows", { name: "Orders of the night", nodes, edges: [{ from: "t", to: "h" }] });
  await call(page, "POST", `/api/workflows/${made.id}/status`, { status: "active" });
  await fetch(`${server.origin}/webhook/night`, { method: "POST", headers: { "content-type": "application/json" }, body: "{}" });
  // It comes by itself: nothing is reloaded.
  await page.getByRole("button", { name: "Notifications: 1 unread" }).first().waitFor();
  await bell.focus();
  await page.keyboard.press("Enter");
  await page.getByRole("list", { name: "Notifications" }).getByText(/Orders of the night/).waitFor();
  await assertAccessible(page, "notifications");
  await shot(page, "notifications");
  await page.keyboard.press("Escape");
  await page.waitForFunction(() => document.activeElement?.getAttribute("aria-label")?.startsWith("Notifications"));
  await page.keyboard.press("Enter");
  await page.getByRole("list", { name: "Notifications" }).getByRole("button").first().click();
  await page.waitForURL(/\/logs\?status=failed&workflowId=wf_/);
  await page.getByRole("button", { name: "Notifications", exact: true }).first().waitFor();

  // The list is narrowed further, and what is chosen stands in the address.
  await page.getByRole("table").waitFor();
  await page.getByLabel("Trigger").first().click();
  await page.getByRole("option", { name: "Webhook" }).click();
  await page.waitForURL(/trigger=webhook/);
  await page.getByLabel("When").first().click();
  await page.getByRole("option", { name: "Last hour" }).click();
  await page.waitForURL(/within=1h/);
  await page.getByRole("link", { name: "Orders of the night" }).waitFor();
  await assertAccessible(page, "executions with filters");
  await page.getByLabel("Trigger").first().click();
  await page.getByRole("option", { name: "Schedule" }).click();
  await page.getByText("No run fits").waitFor();
  await page.getByRole("button", { name: "Show all" }).click();
  const { items } = await call(page, "GET", "/api/executions?limit=1");
  await page.getByLabel("Open an execution by its ID").fill(`${server.origin}/logs/${items[0].id}`);
  await page.keyboard.press("Enter");
  await page.getByRole("list", { name: "Timeline" }).getByRole("button").first().click();
  await page.waitForURL(/node=t/);
  await page.getByRole("tab", { name: "Raw" }).click();
  await page.waitForURL(/tab=raw/);
  await page.reload();
  await page.getByText("The run as the API gives it").first().waitFor();
  assert.deepEqual(faults, []);
  await page.close();
});

test("mails are chosen, and a webhook of the workspace is added, called and removed", async () => {
  const { page, faults } = await watched(context);
  const dialog = page.getByRole("dialog");
  await page.goto(`${server.origin}/settings/notifications`);
  await page.getByLabel("Mails: A run failed").first().click();
  await page.getByRole("option", { name: "Never" }).click();
  await page.waitForFunction(async () => {
    const answer = await fetch("/api/me/notifications/settings");
    return (await answer.json()).email["execution.failed"] === "never";
  });
  await assertAccessible(page, "notification settings");
  await shot(page, "notification-settings");
  await page.getByRole("button", { name: "Add webhook" }).click();
  await dialog.getByLabel("Address").fill(`http://127.0.0.1:${hook.address().port}/flero`);
  await dialog.getByRole("button", { name: "Add webhook" }).click();
  const secret = await dialog.getByLabel("Secret of the signatures").inputValue();
  await assertAccessible(page, "secret of a webhook");
  await dialog.getByRole("button", { name: "I have copied it" }).click();
  await dialog.waitFor({ state: "detached" });
  await page.getByRole("button", { name: /^Call .* now$/ }).click();
  await page.getByText("It took the call").waitFor();
  assert.ok(heard[0]?.startsWith("v1,"), "the call is signed");
  await assertNothingKept(page, [secret], "a webhook");
  await page.getByRole("button", { name: /^Remove http/ }).click();
  await dialog.getByRole("button", { name: "Remove", exact: true }).click();
  await page.getByText("No webhook yet").waitFor();
  assert.deepEqual(faults, []);
  await page.close();
});
