// The journeys of a newcomer against the real program, under the page's own policy.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertAccessible, assertNothingKept, launch, search, shot, startServer, startService, watched } from "./harness.mjs";
import { choose } from "./keyboard.mjs";
import { call } from "./people.mjs";

const PASSWORD = "correct horse battery staple";
const TOKENS = ["canary-first-5f0c1e9b7a", "canary-second-b81d44e6c2"];
const REFUSED = "canary-refused-09ab77f3d1";

let server, service, browser, context;

before(async () => {
  [server, service, browser] = await Promise.all([startServer(), startService(TOKENS), launch()]);
  context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  context.setDefaultTimeout(30_000);
});

after(async () => {
  await browser?.close();
  service?.stop();
  await server?.stop();
});

/** Opens the dialog of one entry in the menu of a credential. */
async function act(page, name, entry) {
  await page.getByRole("button", { name: `Actions for ${name}` }).click();
  await page.getByRole("menuitem", { name: entry, exact: true }).click();
  await page.getByRole("dialog").waitFor();
}

test("the set-up link makes the owner, and neither link nor password stays behind", async () => {
  const { page, faults } = await watched(context);
  await page.goto(server.setupLink);
  await page.getByLabel("Your name").fill("Ada Lovelace");
  await assertAccessible(page, "set-up");
  assert.equal(new URL(page.url()).hash, "");
  await page.getByLabel("Email").fill("ada@example.com");
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByLabel("Name of the first workspace").fill("Analytical Engines");
  await shot(page, "set-up");
  await page.getByRole("button", { name: "Create the owner" }).click();
  await page.getByRole("heading", { name: "Workflows", exact: true }).waitFor();
  await assertAccessible(page, "workflows");
  const token = new URLSearchParams(new URL(server.setupLink).hash.slice(1)).get("setup");
  await assertNothingKept(page, [PASSWORD, token], "after the set-up");
  assert.deepEqual(faults, []);
  await page.close();
});

/// Security test 42 looks at the page after each step: DOM, form fields, storage, databases, caches, history.
test("a credential is added, tested, rotated and used up without ever coming back", async () => {
  const { page, faults } = await watched(context);
  const dialog = page.getByRole("dialog");
  await page.goto(`${server.origin}/settings/integrations`);
  await page.getByRole("button", { name: "Add credential" }).first().click();
  await dialog.getByRole("option", { name: /Any HTTP service/ }).click();
  await dialog.getByLabel("Name", { exact: true }).fill("Practice API");
  await dialog.getByLabel("Token", { exact: true }).fill(TOKENS[0]);
  await dialog.getByLabel("Allowed hosts").fill(service.origin);
  await page.keyboard.press("Enter");
  await dialog.getByLabel("Test address").fill(`${service.origin}/me`);
  await dialog.getByRole("button", { name: "Test connection" }).click();
  await dialog.getByText("The service accepted it").waitFor();
  await assertAccessible(page, "add");
  await shot(page, "credential-add");
  await dialog.getByRole("button", { name: "Add credential" }).click();
  await page.getByRole("button", { name: "Practice API", exact: true }).waitFor();
  await dialog.waitFor({ state: "hidden" });
  await assertAccessible(page, "list");
  await assertNothingKept(page, TOKENS, "after adding");

  await act(page, "Practice API", "Rotate");
  await dialog.getByLabel("Token", { exact: true }).fill(REFUSED);
  await dialog.getByRole("button", { name: "Test and rotate" }).click();
  await dialog.getByText("Nothing has changed").waitFor();
  await assertAccessible(page, "rotate");
  await dialog.getByLabel("Token", { exact: true }).fill(TOKENS[1]);
  await dialog.getByRole("button", { name: "Test and rotate" }).click();
  await dialog.waitFor({ state: "hidden" });
  await assertNothingKept(page, [...TOKENS, REFUSED], "after rotating");

  await act(page, "Practice API", "Edit");
  assert.equal(await dialog.getByLabel("Token", { exact: true }).inputValue(), "");
  await assertAccessible(page, "edit");
  await assertNothingKept(page, [...TOKENS, REFUSED], "while editing");
  await dialog.getByLabel("Allowed hosts").fill("https://elsewhere.example.com/");
  await page.keyboard.press("Enter");
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.getByText("Where the secret goes has changed").waitFor();
  await page.keyboard.press("Escape");

  for (const entry of ["Test", "Usage", "Audit", "Duplicate"]) {
    await act(page, "Practice API", entry);
    if (entry === "Test") await dialog.getByText("The service accepted it").waitFor();
    if (entry === "Audit") await dialog.getByText("Credential rotated").waitFor();
    await assertAccessible(page, entry);
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "hidden" });
  }
  await act(page, "Practice API", "Revoke");
  await dialog.getByRole("button", { name: "Revoke" }).click();
  await dialog.waitFor({ state: "hidden" });
  await page.getByRole("row").getByText("Revoked").waitFor();
  await act(page, "Practice API", "Delete");
  await dialog.getByRole("button", { name: "Delete" }).click();
  await page.getByText("Connect your first service").waitFor();
  await assertNothingKept(page, [...TOKENS, REFUSED], "after deleting");
  assert.deepEqual(faults, []);
  await page.close();
});

test("an API key is bound to a workflow, says which network is none, and is shown once", async () => {
  const { page, faults } = await watched(context);
  const dialog = page.getByRole("dialog");
  await page.goto(`${server.origin}/settings/credentials?tab=keys`);
  await page.getByRole("heading", { level: 1 }).waitFor();
  const nodes = [{ id: "s", name: "Start", type: "Start" }];
  const { id } = await call(page, "POST", "/api/workflows", { name: "Nightly report", nodes, edges: [] });
  await page.getByRole("button", { name: "Generate new API key" }).click();
  await dialog.getByLabel("Name", { exact: true }).fill("Deploy script");
  await dialog.getByLabel("Write executions").check();
  await dialog.getByLabel("For which workflows").click();
  await page.getByRole("option", { name: "Nightly report" }).click();
  await page.keyboard.press("Escape");
  await shot(page, "api-key");
  await dialog.getByLabel("Allowed networks").fill("nowhere");
  await page.keyboard.press("Enter");
  await dialog.getByRole("button", { name: "Generate" }).click();
  await dialog.getByText(/^nowhere: Write a network as/).waitFor();
  await assertAccessible(page, "a key with a network that is none");
  await dialog.getByLabel("Allowed networks").focus();
  await page.keyboard.press("Backspace");
  await dialog.getByText(/^nowhere: Write a network as/).waitFor({ state: "detached" });
  await page.keyboard.type("127.0.0.0/8");
  await page.keyboard.press("Enter");
  await dialog.getByRole("button", { name: "Generate" }).click();
  const key = await dialog.getByLabel("API key").inputValue();
  assert.match(key, /^flero_[0-9A-Za-z]{36}$/);
  await assertAccessible(page, "key");
  await dialog.getByRole("button", { name: "I have copied it" }).click();
  await dialog.waitFor({ state: "hidden" });
  await assertNothingKept(page, [key], "after copying");
  await page.getByRole("row").getByText("Only for 1 workflow").waitFor();
  await assertAccessible(page, "API keys");
  const [made] = (await call(page, "GET", "/api/api-keys")).items;
  assert.deepEqual([made.workflowIds, made.scopes], [[id], ["workflows:read", "executions:read", "executions:write"]]);
  await page.getByRole("button", { name: "Revoke Deploy script" }).click();
  await dialog.getByRole("button", { name: "Revoke" }).click();
  await page.getByRole("row").getByText("Revoked").waitFor();
  await call(page, "DELETE", `/api/workflows/${id}`);
  assert.deepEqual(faults, []);
  await page.close();
});

/** Every address of the interface that needs nothing but an owner. */
const SCREENS = [
  ...["workflows", "logs", "catalog", "catalog/slack", "catalog/slack?tab=operations", "catalog/slack?tab=events", "catalog/slack?tab=permissions"],
  ...["marketplace", "marketplace/registries", "docs", "docs/credentials", "nothing/of/the/kind"],
  ...["credentials", "credentials?tab=keys", "credentials?view=grid", "requests", "requests?show=all", "members", "oauth-apps", "variables"].map((name) => `settings/${name}`),
  ...["workspace", "organization", "security", "notifications", "vault", "audit", "nothing"].map((name) => `settings/${name}`),
];

for (const [colorScheme, width] of [["light", 1280], ["dark", 1280], ["light", 390], ["dark", 390]]) {
  test(`every screen passes axe and stays within its width (${colorScheme}, ${width})`, async () => {
    const state = await context.storageState();
    const own = await browser.newContext({ storageState: state, colorScheme, viewport: { width, height: 800 } });
    const { page, faults } = await watched(own);
    for (const path of SCREENS) {
      await page.goto(`${server.origin}/${path}`);
      await page.getByRole("heading").first().waitFor();
      await assertAccessible(page, path);
      const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      assert.equal(over, 0, path);
      if (colorScheme === "light") await shot(page, `${path.replaceAll(/\W/g, "-")}-${width}`);
    }
    assert.deepEqual(faults, []);
    await own.close();
  });
}

/** A page of somebody who comes for the first time: signing out there ends no session of another test. */
async function visitor() {
  const own = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  own.setDefaultTimeout(30_000);
  return { own, ...(await watched(own)) };
}

async function signIn(page, password) {
  await page.getByLabel("Email").fill("ada@example.com");
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.keyboard.press("Enter");
}

test("the palette finds a screen and the keyboard alone goes there and out", async () => {
  const { own, page, faults } = await visitor();
  await page.goto(`${server.origin}/workflows`);
  await signIn(page, PASSWORD);
  await page.getByRole("heading", { name: "Workflows", exact: true }).waitFor();
  await search(page, "audit");
  await page.getByRole("button", { name: /Audit log/ }).waitFor();
  await assertAccessible(page, "palette");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Audit log" }).waitFor();
  await page.getByText("Session signed in").first().waitFor();
  await choose(page, page.getByRole("button", { name: /ada@example.com/ }), "Sign out");
  await page.getByRole("heading", { name: "Sign in to Flero" }).waitFor();
  await page.goBack();
  await page.getByRole("heading", { name: "Sign in to Flero" }).waitFor();
  assert.deepEqual(faults, []);
  await own.close();
});

test("a wrong password is told in words, the right one leads back to where one wanted to go", async () => {
  const { own, page, faults } = await visitor();
  await page.goto(`${server.origin}/settings/variables`);
  await signIn(page, "not the right password");
  await page.getByRole("alert").waitFor();
  await assertAccessible(page, "sign in");
  await signIn(page, PASSWORD);
  await page.getByRole("heading", { name: "Variables" }).waitFor();
  await assertNothingKept(page, [PASSWORD], "after signing in");
  assert.deepEqual(faults, []);
  await own.close();
});
