// Credentials and the catalog in a real browser: an account is connected by OAuth, reconnected, and used; services are
// found, described and imported. Nothing secret is left in the page after any of it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertAccessible, assertNothingKept, launch, shot, startServer, watched } from "./harness.mjs";
import { CLIENT_ID, startProvider } from "./provider.mjs";
import { makeOwner } from "./owner.mjs";

const BOT_TOKEN = "xoxb-canary-7c1f0d22e9";

let server, provider, browser, context;

before(async () => {
  [server, provider, browser] = await Promise.all([startServer(), startProvider(), launch()]);
  context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  context.setDefaultTimeout(30_000);
  const { page } = await watched(context);
  await makeOwner(page, server.setupLink);
  await page.close();
});

after(async () => {
  await browser?.close();
  provider?.stop();
  await server?.stop();
});

const text = (dialog, name) => dialog.getByRole("textbox", { name, exact: true });

/** Opens one entry in the menu of a credential. */
async function act(page, name, entry) {
  await page.getByRole("button", { name: `Actions for ${name}` }).click();
  await page.getByRole("menuitem", { name: entry, exact: true }).click();
  await page.getByRole("dialog").waitFor();
}

/** Presses a button that opens the provider's page, and follows a link there. */
async function consent(button, answer) {
  const opened = context.waitForEvent("page");
  await button.click();
  const tab = await opened;
  await tab.getByRole("link", { name: answer }).click();
}

/** Fills in the form of the generic OAuth service. */
async function fillOauth(page, dialog, name, fill) {
  await page.goto(`${server.origin}/settings/credentials?add=http`);
  await dialog.getByRole("radio", { name: "OAuth 2.0" }).click();
  await text(dialog, "Name").fill(name);
  await fill();
  await text(dialog, "Token URL").fill(`${provider.origin}/token`);
  await text(dialog, "Client ID").fill(CLIENT_ID);
  await text(dialog, "Scopes (optional)").or(text(dialog, "Scopes")).fill("read write");
  await dialog.getByRole("button", { name: "More settings" }).click();
  await dialog.getByRole("combobox", { name: /How the app proves itself/ }).or(text(dialog, "How the app proves itself")).first().click();
  await page.getByRole("option", { name: /Not at all/ }).click();
  await dialog.getByLabel("Allowed hosts").fill(provider.origin);
  await page.keyboard.press("Enter");
}

test("a service is found by a few letters, by keyboard alone, and its form asks what its description says", async () => {
  const { page, faults } = await watched(context);
  const dialog = page.getByRole("dialog");
  await page.goto(`${server.origin}/settings/credentials`);
  await page.getByRole("button", { name: "Add credential" }).first().click();
  const search = dialog.getByLabel("Search services");
  await dialog.getByRole("option").nth(3).waitFor();
  await assertAccessible(page, "choice of a service");
  await shot(page, "credential-service");
  await search.fill("slakc");
  await dialog.getByText("Perhaps one of these").waitFor();
  await search.fill("slack");
  await page.keyboard.press("Enter");
  await dialog.getByRole("radio", { name: "Bot token" }).click();
  await dialog.getByText("slack.com", { exact: true }).waitFor();
  await dialog.getByRole("button", { name: "How to get it at Slack" }).click();
  await dialog.getByText("in about three minutes").waitFor();
  await assertAccessible(page, "form of a service");
  await shot(page, "credential-slack");
  await dialog.getByLabel("Bot token", { exact: true }).last().fill(BOT_TOKEN);
  await dialog.getByRole("button", { name: "Add credential" }).click();
  await page.getByRole("button", { name: "Slack", exact: true }).waitFor();
  await dialog.waitFor({ state: "hidden" });
  await assertNothingKept(page, [BOT_TOKEN], "after adding");
  await act(page, "Slack", "Edit");
  assert.equal(await dialog.getByLabel("Bot token", { exact: true }).last().inputValue(), "");
  await page.keyboard.press("Escape");
  assert.deepEqual(faults, []);
  await page.close();
});

test("an account is connected by OAuth: refused once, allowed, saved, tested", async () => {
  const { page, faults } = await watched(context);
  const dialog = page.getByRole("dialog");
  await fillOauth(page, dialog, "CRM", () => text(dialog, "Authorization URL").fill(`${provider.origin}/authorize`));
  await assertAccessible(page, "form of OAuth");
  await dialog.getByRole("button", { name: "Connect", exact: true }).click();
  const callback = await dialog.getByLabel("Redirect URI").inputValue();
  assert.match(callback, /\/oauth\/callback\/cred_/);
  await assertAccessible(page, "redirect URI");
  await shot(page, "credential-redirect-uri");
  await consent(dialog.getByRole("button", { name: /^Go to/ }), "Deny");
  await dialog.getByText("Not connected").waitFor();
  await dialog.getByText("Not today.").waitFor();
  await assertAccessible(page, "refused");
  await dialog.getByRole("button", { name: "Connect", exact: true }).click();
  await consent(dialog.getByRole("button", { name: /^Go to/ }), "Allow");
  await dialog.getByText("grace@example.com").waitFor();
  await dialog.getByText("Connected!").first().waitFor();
  await dialog.getByText("Not granted:").waitFor();
  await assertAccessible(page, "connected");
  await shot(page, "credential-connected");
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.waitFor({ state: "hidden" });
  await page.getByText("HTTP · grace@example.com").waitFor();
  await assertNothingKept(page, provider.tokens, "after connecting");
  assert.deepEqual(faults, []);
  await page.close();
});

test("reconnecting as somebody else is asked about, and the credential keeps its place", async () => {
  const { page, faults } = await watched(context);
  const dialog = page.getByRole("dialog");
  await page.goto(`${server.origin}/settings/credentials`);
  provider.account = "eve@example.com";
  await act(page, "CRM", "Reconnect");
  await consent(dialog.getByRole("button", { name: "Connect", exact: true }), "Allow");
  await dialog.getByText("That is another account").waitFor();
  await assertAccessible(page, "another account");
  await shot(page, "credential-other-account");
  provider.account = "grace@example.com";
  await consent(dialog.getByRole("button", { name: "Sign in again" }), "Allow");
  await dialog.waitFor({ state: "hidden" });
  await page.getByText("HTTP · grace@example.com").waitFor();

  await act(page, "CRM", "Edit");
  await text(dialog, "Scopes (optional)").or(text(dialog, "Scopes")).fill("read");
  await dialog.getByText("This change ends the present grant").waitFor();
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.getByText("Allow the access once more").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Reconnect CRM" }).click();
  await consent(dialog.getByRole("button", { name: "Connect", exact: true }), "Allow");
  await dialog.waitFor({ state: "hidden" });
  await page.getByRole("row", { name: /CRM/ }).getByText("Active").waitFor();
  await assertNothingKept(page, provider.tokens, "after reconnecting");
  assert.deepEqual(faults, []);
  await page.close();
});

test("a device code is shown until it was typed elsewhere", async () => {
  const { page, faults } = await watched(context);
  const dialog = page.getByRole("dialog");
  provider.deviceAllowed = false;
  await fillOauth(page, dialog, "Television", async () => {
    await dialog.getByRole("combobox", { name: /How access is given/ }).or(text(dialog, "How access is given")).first().click();
    await page.getByRole("option", { name: /types a code/ }).click();
    await text(dialog, "Device authorization URL").fill(`${provider.origin}/device`);
  });
  await dialog.getByRole("button", { name: "Connect", exact: true }).click();
  await dialog.getByText("WDJB-MJHT").waitFor();
  await assertAccessible(page, "device code");
  await shot(page, "credential-device-code");
  provider.deviceAllowed = true;
  await dialog.getByText("grace@example.com").waitFor();
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.waitFor({ state: "hidden" });
  await page.getByRole("button", { name: "Television", exact: true }).waitFor();
  assert.deepEqual(faults, []);
  await page.close();
});

test("a change of scope says what it brings about before it happens", async () => {
  const { page, faults } = await watched(context);
  const dialog = page.getByRole("dialog");
  await page.goto(`${server.origin}/settings/credentials`);
  await act(page, "CRM", "Change scope");
  await dialog.getByRole("radio", { name: "Personal" }).click();
  await dialog.getByText("no workflow stops working").waitFor();
  await assertAccessible(page, "scope");
  await shot(page, "credential-scope");
  await dialog.getByRole("button", { name: "Change", exact: true }).click();
  await dialog.waitFor({ state: "hidden" });
  await page.getByRole("row", { name: /CRM/ }).getByText("Personal").waitFor();
  await shot(page, "credentials");
  assert.deepEqual(faults, []);
  await page.close();
});

test("the catalog is searched and filtered, and a service leads to a credential and a workflow", async () => {
  const { page, faults } = await watched(context);
  const dialog = page.getByRole("dialog");
  await page.goto(`${server.origin}/catalog`);
  const services = page.getByRole("list", { name: "Services" });
  await services.getByRole("link").nth(5).waitFor();
  await assertAccessible(page, "catalog");
  await shot(page, "catalog");
  await page.getByRole("button", { name: /^Payments/ }).click();
  await page.waitForURL(/category=payments/);
  await page.getByLabel("Search the catalog").fill("strip");
  await services.getByRole("link", { name: /Stripe/ }).waitFor();
  await page.goto(`${server.origin}/catalog/slack`);
  await page.getByRole("tab", { name: /Operations/ }).click();
  await page.getByRole("button", { name: /Send a message/ }).first().click();
  await page.getByText("The channel's ID or name").waitFor();
  await assertAccessible(page, "operation");
  await shot(page, "catalog-service");
  await page.getByRole("button", { name: "Add credential" }).click();
  await dialog.getByRole("radio", { name: "Bot token" }).waitFor();
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "hidden" });
  await page.getByRole("button", { name: "Use in workflow" }).first().click();
  await page.waitForURL(/\/workflows\/wf_/);
  await page.getByText("Send a message").first().waitFor();
  assert.deepEqual(faults, []);
  await page.close();
});

test("a description is imported with a report of what was left out, and removed", async () => {
  const { page, faults } = await watched(context);
  const dialog = page.getByRole("dialog");
  const document = {
    openapi: "3.1.0",
    info: { title: "Orders", version: "1", description: "The orders of our own shop." },
    servers: [{ url: "https://orders.example.com/v1" }],
    components: { securitySchemes: { key: { type: "apiKey", in: "header", name: "X-Key" } } },
    security: [{ key: [] }],
    paths: { "/orders": { get: { operationId: "listOrders", summary: "List orders", responses: { 200: { description: "Orders" } } }, trace: { responses: {} } } },
  };
  await page.goto(`${server.origin}/catalog`);
  await page.getByRole("button", { name: "Import a description" }).click();
  await dialog.getByRole("button", { name: "Import", exact: true }).click();
  await dialog.getByText("Give an address.").waitFor();
  await dialog.getByText("Paste", { exact: true }).click();
  await text(dialog, "Description").fill("nothing of the kind");
  await dialog.getByRole("button", { name: "Import", exact: true }).click();
  await dialog.getByText("It was not imported").waitFor();
  await text(dialog, "Description").fill(JSON.stringify(document));
  await dialog.getByRole("button", { name: "Import", exact: true }).click();
  await dialog.getByText("1 of 2 operations can be called").waitFor();
  await dialog.getByText("TRACE", { exact: false }).first().waitFor();
  await assertAccessible(page, "report");
  await shot(page, "catalog-import");
  await dialog.getByRole("link", { name: "Open Orders" }).click();
  await page.getByRole("heading", { name: "Orders", level: 1 }).waitFor();
  await page.getByRole("button", { name: /List orders/ }).waitFor();
  await assertAccessible(page, "imported service");
  await page.getByRole("button", { name: "Remove" }).click();
  await dialog.getByRole("button", { name: "Remove" }).click();
  await page.getByRole("heading", { name: "Catalog" }).waitFor();
  assert.deepEqual(faults, []);
  await page.close();
});
