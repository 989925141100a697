// Mail accounts in a real Chromium against the real program and a mail server: the form of the credential, what a test of it
// says, a mail that a workflow sends, and the form that waits for one.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertAccessible, assertNothingKept, freePort, launch, shot, startServer, watched } from "./harness.mjs";
import { enter, write } from "./keyboard.mjs";
import { makeOwner } from "./owner.mjs";
import { startMailServer } from "./smtp.mjs";

const PASSWORD = "canary-2f81d4c07b9e5a36";
const WRONG = "canary-5b60e7a9f3d21c48";

let server, mail, browser, context, page, faults;

before(async () => {
  [server, mail, browser] = await Promise.all([startServer(), startMailServer("ada@example.com", PASSWORD), launch()]);
  context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  context.setDefaultTimeout(60_000);
  ({ page, faults } = await watched(context));
  await makeOwner(page, server.setupLink);
});

after(async () => {
  await browser?.close();
  mail?.stop();
  await server?.stop();
});

const dialog = () => page.getByRole("dialog");
const field = (name) => dialog().getByRole("textbox", { name });
const says = (words) => dialog().getByRole("status").filter({ hasText: words }).waitFor();
const node = (name) => page.locator(".react-flow__node", { hasText: name });
const saved = () => page.locator("button[data-state=saved]").waitFor();

/** Chooses how the connection is secured. */
async function secure(label) {
  await dialog().getByRole("combobox", { name: "TLS" }).or(dialog().getByRole("textbox", { name: "TLS" })).first().click();
  await page.getByRole("option", { name: label, exact: true }).click();
}

test("a mail account is made by keyboard alone, tested for each thing that can be wrong, and kept out of the page", async () => {
  await page.goto(`${server.origin}/settings/credentials?add=smtp`);
  await field("Server").waitFor();
  await assertAccessible(page, "form of a mail account");
  await shot(page, "credential-mail");
  await dialog().getByRole("button", { name: "Test connection" }).click();
  await dialog().getByText("This is required.").first().waitFor();
  await write(page, field("Server"), "127.0.0.1");
  await write(page, field("Port"), String(await freePort()));
  await write(page, field("User"), "ada@example.com");
  await write(page, dialog().getByLabel("Password", { exact: true }), WRONG);
  await secure("Off");
  await dialog().getByText("You named this server yourself").waitFor();
  await enter(page, dialog().getByRole("button", { name: "Test connection" }));
  await says("The service could not be reached");
  await write(page, field("Port"), String(mail.port));
  await enter(page, dialog().getByRole("button", { name: "Test connection" }));
  await says("The service refused it");
  await assertAccessible(page, "a refused password");
  await shot(page, "credential-mail-refused");
  await write(page, dialog().getByLabel("Password", { exact: true }), PASSWORD);
  await enter(page, dialog().getByRole("button", { name: "Test connection" }));
  await says("The service accepted it");
  await says("ada@example.com");
  await enter(page, dialog().getByRole("button", { name: "Add credential" }));
  await dialog().waitFor({ state: "hidden" });
  await page.getByRole("button", { name: "SMTP", exact: true }).waitFor();
  await assertNothingKept(page, [PASSWORD, WRONG], "after adding a mail account");
  assert.deepEqual(faults, []);
});

test("a workflow sends a mail with it, and its run names who got it", async () => {
  await page.goto(`${server.origin}/workflows`);
  await page.getByRole("button", { name: "New workflow" }).first().click();
  await node("Start").click();
  const palette = page.getByRole("combobox", { name: "Search nodes" });
  await palette.fill("send message smtp");
  await page.getByRole("option", { name: /Send a message/ }).first().waitFor();
  await palette.press("Enter");
  await node("Send a message").waitFor();
  await page.getByRole("combobox", { name: "Credential" }).click();
  await page.getByRole("option", { name: /Mail account/ }).click();
  const text = (name) => page.getByRole("textbox", { name, exact: true });
  await text("From").fill("Shop <shop@example.com>");
  await page.locator('input[aria-label="To"]').fill("ada@example.com");
  await page.keyboard.press("Enter");
  await text("Subject").fill("Your order 7");
  await text("Text").fill("It is on its way.");
  await assertAccessible(page, "the form of a mail");
  await shot(page, "editor-mail");
  await saved();
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await node("Send a message").locator("[data-status=success]").first().waitFor();
  assert.equal(mail.mails.length, 1);
  assert.deepEqual(mail.mails[0].to, ["ada@example.com"]);
  assert.match(mail.mails[0].text, /Subject: Your order 7/);
  await page.getByRole("tab", { name: "Data" }).click();
  await page.getByText("accepted").first().waitFor();
  await assertNothingKept(page, [PASSWORD], "after sending a mail");
  assert.deepEqual(faults, []);
});

test("a workflow waits for mails, and its form says how they are found", async () => {
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    await page.goto(`${server.origin}/catalog/imap?tab=events`);
    await page.getByText("Message received").first().waitFor();
    await assertAccessible(page, `events of IMAP, ${colorScheme}`);
  }
  await page.getByRole("button", { name: "Use in workflow" }).last().click();
  await node("Message received").waitFor();
  await page.getByRole("combobox", { name: "Folder" }).waitFor();
  await assertAccessible(page, "the form of an event of a mailbox");
  await shot(page, "editor-mail-event");
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(`${server.origin}/settings/credentials?add=imap`);
  await field("Server").waitFor();
  await assertAccessible(page, "form of a mail account on a phone");
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(width <= 390, `${width} pixels wide`);
  assert.deepEqual(faults, []);
});
