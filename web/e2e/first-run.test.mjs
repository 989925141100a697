// A newcomer, from the set-up link to a green run with the practice service and with the example, reading nothing.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertAccessible, assertNothingKept, freePort, launch, shot, startServer, watched } from "./harness.mjs";

const PASSWORD = "correct horse battery staple";
const LONGEST_MS = 180_000;

let server, browser, context;

before(async () => {
  const practice = `127.0.0.1:${await freePort()}`;
  [server, browser] = await Promise.all([startServer({ FLERO_PRACTICE: practice }), launch()]);
  context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  context.setDefaultTimeout(60_000);
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

test("from the set-up link to a green run takes less than three minutes", async () => {
  const { page, faults } = await watched(context);
  const begun = Date.now();
  await page.goto(server.setupLink);
  await page.getByLabel("Your name").fill("Ada Lovelace");
  await page.getByLabel("Email").fill("ada@example.com");
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByLabel("Name of the first workspace").fill("Analytical Engines");
  await page.getByRole("button", { name: "Create the owner" }).click();
  await page.getByRole("heading", { name: "Connect your first service" }).waitFor();
  await page.getByRole("button", { name: "Connect the practice service" }).waitFor();
  await assertAccessible(page, "first steps");
  await shot(page, "first-steps");
  await page.getByRole("button", { name: "Connect the practice service" }).click();
  await page.waitForURL(/\/workflows\/wf_/);
  await page.getByText("Its title").first().waitFor();
  await page.keyboard.press("Control+Enter");
  await page.locator(".react-flow__node[data-id=title]").getByText("Success").or(page.locator("[data-status=success]").nth(2)).first().waitFor();
  assert.ok(Date.now() - begun < LONGEST_MS, `${Date.now() - begun} ms`);
  await shot(page, "first-run");
  await assertNothingKept(page, [PASSWORD], "after the first run");
  assert.deepEqual(faults, []);
  await page.close();
});
