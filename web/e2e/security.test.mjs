// People and security in a real browser: a passkey that signs in alone, the organization's policies, the audit log, the
// vault, and the palette. Passkeys belong to a name, so the pages are opened under `localhost`.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertAccessible, assertNothingKept, launch, search, shot, startServer, watched } from "./harness.mjs";
import { makeOwner, PASSWORD } from "./owner.mjs";

const TOKEN = "canary-audit-51c07be2d9";

let server, browser, context, origin;

const named = (address) => address.replace("127.0.0.1", "localhost");

before(async () => {
  [server, browser] = await Promise.all([startServer(), launch()]);
  origin = named(server.origin);
  context = await browser.newContext({ viewport: { width: 1280, height: 860 } });
  context.setDefaultTimeout(60_000);
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

/** A page with a device that holds passkeys and knows its person. */
async function withDevice() {
  const { page, faults } = await watched(context);
  const session = await context.newCDPSession(page);
  await session.send("WebAuthn.enable");
  const options = { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true };
  await session.send("WebAuthn.addVirtualAuthenticator", { options });
  return { page, faults };
}

test("a passkey is added, renamed, and signs in alone", async () => {
  const { page, faults } = await withDevice();
  const dialog = page.getByRole("dialog");
  await makeOwner(page, named(server.setupLink));
  await page.goto(`${origin}/settings/security`);
  await page.getByRole("button", { name: "Add a passkey" }).click();
  await dialog.getByLabel("Name", { exact: true }).fill("Laptop");
  await dialog.getByRole("button", { name: "Continue" }).click();
  const list = dialog.getByRole("list", { name: "Recovery codes" });
  await list.waitFor();
  const codes = await list.getByRole("listitem").allTextContents();
  assert.equal(codes.length, 10);
  await dialog.getByLabel("I have kept these codes").check();
  await dialog.getByRole("button", { name: "Done" }).click();
  await page.getByRole("button", { name: "Rename Laptop" }).click();
  await dialog.getByLabel("Name", { exact: true }).fill("Work laptop");
  await dialog.getByRole("button", { name: "Rename", exact: true }).click();
  await dialog.waitFor({ state: "hidden" });
  await page.getByRole("cell", { name: "Work laptop", exact: true }).waitFor();
  await assertAccessible(page, "passkeys");
  await shot(page, "passkeys");
  await context.clearCookies();
  await page.goto(`${origin}/login?next=%2Fsettings%2Fsecurity`);
  await page.getByRole("button", { name: "Sign in with a passkey" }).waitFor();
  await assertAccessible(page, "sign in");
  await shot(page, "sign-in");
  await page.getByRole("button", { name: "Sign in with a passkey" }).click();
  await page.getByRole("heading", { name: "Security", exact: true }).waitFor();
  await assertNothingKept(page, [PASSWORD, ...codes], "after signing in by a passkey");
  assert.deepEqual(faults, []);
  await page.close();
});

test("where passkeys cannot work, the page says where they do", async () => {
  const own = await browser.newContext();
  const { page } = await watched(own);
  await page.goto(`${server.origin}/login`);
  await page.getByRole("link", { name: "Open localhost" }).waitFor();
  assert.equal(await page.getByRole("button", { name: "Sign in with a passkey" }).count(), 0);
  await own.close();
});

test("the owner requires a second factor of everybody, by keyboard alone", async () => {
  const { page, faults } = await watched(context);
  await page.goto(`${origin}/settings/organization`);
  const policy = page.getByRole("switch", { name: "Everybody needs a second factor" });
  await policy.focus();
  await page.keyboard.press("Space");
  await page.getByText("1 change, not saved yet").waitFor();
  await assertAccessible(page, "organization");
  await shot(page, "organization");
  await page.getByRole("button", { name: "Save", exact: true }).focus();
  await page.keyboard.press("Enter");
  await page.getByText("1 change, not saved yet").waitFor({ state: "hidden" });
  await page.reload();
  await policy.waitFor();
  assert.ok(await policy.isChecked());
  assert.deepEqual(faults, []);
  await page.close();
});

test("the workspace gets another name, and a second one is made and entered", async () => {
  const { page, faults } = await watched(context);
  await page.goto(`${origin}/settings/workspace`);
  await page.getByLabel("Name", { exact: true }).fill("Engines");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText("Everybody sees the new name").waitFor();
  await assertAccessible(page, "workspace");
  await page.getByRole("button", { name: "New workspace" }).click();
  await page.getByRole("dialog").getByLabel("Name", { exact: true }).fill("Finance");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Workflows", exact: true }).waitFor();
  await page.getByRole("button", { name: /Finance/ }).waitFor();
  await search(page, "switch engines");
  await page.getByRole("button", { name: /Switch to Engines/ }).waitFor();
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: /Engines/ }).first().waitFor();
  assert.deepEqual(faults, []);
  await page.close();
});

test("the audit log is narrowed by action and object, and shows a record whole", async () => {
  const { page, faults } = await watched(context);
  const dialog = page.getByRole("dialog");
  await page.goto(`${origin}/settings/credentials?add=http`);
  await dialog.getByLabel("Name", { exact: true }).fill("Orders");
  await dialog.getByLabel("Token", { exact: true }).fill(TOKEN);
  await dialog.getByLabel("Allowed hosts").fill("https://orders.example.com");
  await page.keyboard.press("Enter");
  await dialog.getByRole("button", { name: "Add credential" }).click();
  await dialog.waitFor({ state: "hidden" });
  await page.goto(`${origin}/settings/audit?action=credential.created`);
  await page.getByText("1 record", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Credential created" }).click();
  await dialog.getByText("Place in the chain").waitFor();
  await assertAccessible(page, "record");
  await shot(page, "audit-record");
  await dialog.getByRole("button", { name: "All of this object" }).click();
  await page.waitForURL(/object=cred_/);
  await page.getByRole("button", { name: "Clear", exact: true }).click();
  await page.getByText(/^\d+ records$/).waitFor();
  await page.getByRole("button", { name: "Organization policies changed" }).waitFor();
  await assertAccessible(page, "audit log");
  await shot(page, "audit");
  await page.goto(`${origin}/settings/audit?within=24h`);
  await page.getByRole("button", { name: "Credential created" }).waitFor();
  await page.goto(`${origin}/settings/audit?to=2020-01-01`);
  await page.getByText("No record fits these filters.").waitFor();
  await assertNothingKept(page, [TOKEN], "in the audit log");
  assert.deepEqual(faults, []);
  await page.close();
});

test("the owner sees the vault, and no key in it", async () => {
  const { page, faults } = await watched(context);
  await page.goto(`${origin}/settings/vault`);
  await page.getByText("The vault is open").waitFor();
  await page.getByRole("region", { name: "Key slots" }).getByText("Key file").waitFor();
  await assertAccessible(page, "vault");
  await shot(page, "vault");
  assert.deepEqual(faults, []);
  await page.close();
});

test("the palette does things, and opens a credential by its name", async () => {
  const { page, faults } = await watched(context);
  await page.goto(`${origin}/workflows`);
  await page.getByRole("heading", { name: "Workflows", exact: true }).waitFor();
  await search(page, "orders");
  await page.getByRole("button", { name: /Orders.*Credential/ }).waitFor();
  await assertAccessible(page, "palette");
  await shot(page, "palette");
  await page.keyboard.press("Enter");
  await page.getByRole("dialog", { name: /Orders/ }).getByLabel("Name", { exact: true }).waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "hidden" });
  await search(page, "dark");
  await page.getByRole("button", { name: "Use dark colours" }).waitFor();
  await page.keyboard.press("Enter");
  await page.locator("html[data-mantine-color-scheme=dark]").waitFor();
  // While the palette is closing, a key still goes to its field.
  await page.getByRole("dialog").waitFor({ state: "hidden" });
  await page.keyboard.press("Shift+?");
  await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
  await assertAccessible(page, "shortcuts");
  await page.keyboard.press("Escape");
  assert.deepEqual(faults, []);
  await page.close();
});
