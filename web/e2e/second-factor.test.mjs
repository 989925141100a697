// The journey of somebody who sets up an authenticator app and signs in with it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertAccessible, assertNothingKept, launch, shot, startServer, watched } from "./harness.mjs";
import { codeOf, stepAt } from "./totp.mjs";
import { makeOwner, PASSWORD } from "./owner.mjs";


let server, browser, context, secret, codes;
let lastStep = 0;

before(async () => {
  [server, browser] = await Promise.all([startServer(), launch()]);
  context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  context.setDefaultTimeout(60_000);
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

/** A code that was not used yet. The server takes those of the neighbouring steps too, so that it seldom waits. */
async function freshCode() {
  while (lastStep > stepAt()) await new Promise((resolve) => setTimeout(resolve, 500));
  lastStep = Math.max(lastStep + 1, stepAt() - 1);
  return codeOf(secret, lastStep);
}

async function typePassword(page) {
  await page.goto(`${server.origin}/login`);
  await page.getByLabel("Email").fill("ada@example.com");
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.getByRole("heading", { name: "One more step" }).waitFor();
}

test("an authenticator app is set up, and its secret and the recovery codes are shown once", async () => {
  const { page, faults } = await watched(context);
  const dialog = page.getByRole("dialog");
  await makeOwner(page, server.setupLink);
  await page.goto(`${server.origin}/settings/security`);
  await page.getByRole("button", { name: "Set up", exact: true }).click();
  await dialog.getByRole("img", { name: "QR code for the authenticator app" }).waitFor();
  await assertAccessible(page, "authenticator app");
  secret = (await dialog.getByLabel("Key for the authenticator app").inputValue()).replace(/\s/g, "");
  await dialog.getByLabel(/six digits/).fill("000000");
  await page.keyboard.press("Enter");
  await dialog.locator("[aria-invalid=true]").waitFor();
  await shot(page, "second-factor-set-up");
  await dialog.getByLabel(/six digits/).fill(await freshCode());
  await page.keyboard.press("Enter");
  const list = dialog.getByRole("list", { name: "Recovery codes" });
  await list.waitFor();
  codes = await list.getByRole("listitem").allTextContents();
  assert.equal(codes.length, 10);
  await assertAccessible(page, "recovery codes");
  await shot(page, "recovery-codes");
  await dialog.getByLabel("I have kept these codes").check();
  await dialog.getByRole("button", { name: "Done" }).click();
  await dialog.waitFor({ state: "hidden" });
  await page.getByText("10 codes left").waitFor();
  await assertAccessible(page, "second factors");
  await shot(page, "second-factors");
  await assertNothingKept(page, [secret, ...codes], "after the set-up");
  assert.deepEqual(faults, []);
  await page.close();
});

test("after the password a code is asked for, and a wrong one says so", async () => {
  await context.clearCookies();
  const { page, faults } = await watched(context);
  await typePassword(page);
  await assertAccessible(page, "second step");
  await page.getByLabel("Code of the authenticator app").fill("000000");
  await page.keyboard.press("Enter");
  await page.getByRole("alert").waitFor();
  await shot(page, "sign-in-code");
  await page.getByLabel("Code of the authenticator app").fill(await freshCode());
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Workflows", exact: true }).waitFor();
  await assertNothingKept(page, [PASSWORD], "after the second step");
  assert.deepEqual(faults, []);
  await page.close();
});

test("a recovery code signs in, and proves who removes the app", async () => {
  await context.clearCookies();
  const { page, faults } = await watched(context);
  const dialog = page.getByRole("dialog");
  await typePassword(page);
  await page.getByRole("button", { name: "Use a recovery code" }).click();
  await page.getByLabel("Recovery code").fill(codes[0]);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Workflows", exact: true }).waitFor();
  await page.goto(`${server.origin}/settings/security`);
  await page.getByText("9 codes left").waitFor();
  await page.getByRole("button", { name: "Remove", exact: true }).click();
  await dialog.getByRole("button", { name: "Remove", exact: true }).click();
  await dialog.waitFor({ state: "hidden" });
  await page.getByRole("button", { name: "Set up", exact: true }).waitFor();
  assert.deepEqual(faults, []);
  await page.close();
});
