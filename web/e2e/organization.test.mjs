// What an owner does rarely, with a second person looking on: a workspace is archived and restored, somebody is shut out
// and let in again, the audit log leaves as a file that the program verifies, accounts end.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { assertAccessible, assertNothingKept, launch, program, shot, startServer } from "./harness.mjs";
import { PASSWORD } from "./owner.mjs";
import { invited, opened, owner, proven } from "./people.mjs";

const GRACE = "grace@example.com";

let server, browser, ada, grace;

before(async () => {
  [server, browser] = await Promise.all([startServer(), launch()]);
  ada = await owner(browser, server);
  grace = await invited(browser, ada.page, server.origin, "Grace Hopper", GRACE);
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

test("an archived workspace is kept and can only be looked at, until its owner restores it by keyboard alone", async () => {
  const { page, faults } = ada;
  const dialog = page.getByRole("dialog");
  const banner = page.getByRole("region", { name: "Archived workspace" });
  await page.goto(`${server.origin}/settings/workspace`);
  await page.getByRole("button", { name: "Archive this workspace" }).focus();
  await page.keyboard.press("Enter");
  await dialog.getByText("Its triggers stop at once").waitFor();
  await assertAccessible(page, "archiving a workspace");
  await dialog.getByRole("button", { name: "Archive", exact: true }).click();
  await proven(page, banner);
  await dialog.waitFor({ state: "hidden" });
  await page.goto(`${server.origin}/workflows`);
  await banner.getByRole("button", { name: "Restore" }).waitFor();
  assert.equal(await page.getByRole("button", { name: "New workflow" }).count(), 0, "a viewer makes no workflow");
  await assertAccessible(page, "an archived workspace");
  await shot(page, "workspace-archived");

  await grace.page.goto(`${server.origin}/settings/credentials`);
  const told = grace.page.getByRole("region", { name: "Archived workspace" });
  await told.getByText("everybody is a viewer here").waitFor();
  assert.equal(await told.getByRole("button").count(), 0, "only its owner restores it");
  assert.equal(await grace.page.getByRole("button", { name: "Add credential" }).count(), 0);

  await banner.getByRole("button", { name: "Restore" }).focus();
  await page.keyboard.press("Enter");
  await proven(page, page.getByText("Everybody has their role again."));
  await banner.waitFor({ state: "detached" });
  await page.getByRole("button", { name: "New workflow" }).first().waitFor();
  await grace.page.reload();
  await grace.page.getByRole("button", { name: "Add credential" }).first().waitFor();
  assert.equal(await told.count(), 0);
  assert.deepEqual([...faults, ...grace.faults], []);
});

test("whoever is shut out is signed out and stays out, until they are let in again", async () => {
  const { page, faults } = ada;
  const dialog = page.getByRole("dialog");
  const people = page.getByRole("region", { name: "People of the organization" });
  const letIn = people.getByRole("button", { name: "Reactivate Grace Hopper" });
  await page.goto(`${server.origin}/settings/organization`);
  await people.getByRole("button", { name: "Deactivate Grace Hopper" }).click();
  await dialog.getByText("Their sessions end").waitFor();
  await assertAccessible(page, "shutting somebody out");
  await dialog.getByRole("button", { name: "Deactivate", exact: true }).click();
  await proven(page, letIn);
  await people.getByText("Deactivated", { exact: true }).waitFor();
  await letIn.scrollIntoViewIfNeeded();
  await assertAccessible(page, "somebody who is shut out");
  await shot(page, "shut-out");

  await grace.page.goto(`${server.origin}/workflows`);
  await grace.page.getByRole("button", { name: "Sign in", exact: true }).waitFor();
  const signIn = async () => {
    await grace.page.getByLabel("Email").fill(GRACE);
    await grace.page.getByLabel("Password", { exact: true }).fill(PASSWORD);
    await grace.page.keyboard.press("Enter");
  };
  await signIn();
  await grace.page.getByRole("alert").first().waitFor();
  await assertAccessible(grace.page, "a sign-in of somebody who is shut out");
  await assertNothingKept(ada.page, [PASSWORD], "after shutting somebody out");

  await letIn.focus();
  await page.keyboard.press("Enter");
  await proven(page, people.getByRole("button", { name: "Deactivate Grace Hopper" }));
  await signIn();
  await grace.page.getByRole("heading", { name: "Workflows", exact: true }).waitFor();
  assert.deepEqual([...faults, ...grace.faults], []);
});

test("the audit log leaves as a file that the program verifies, and as a table", async () => {
  const { page, faults } = ada;
  await page.goto(`${server.origin}/settings/audit`);
  const button = page.getByRole("button", { name: "Export" });
  const download = async (entry) => {
    await button.click();
    const saved = page.waitForEvent("download");
    await page.getByRole("menuitem", { name: entry }).click();
    await proven(page, page.getByText("Exported").first());
    return (await saved).path();
  };
  await button.click();
  await page.getByRole("menuitem").first().waitFor();
  await assertAccessible(page, "the menu of the export");
  await page.keyboard.press("Escape");
  const lines = await download(/^JSON lines/);
  const records = (await readFile(lines, "utf8")).trim().split("\n").map((line) => JSON.parse(line));
  assert.ok(records.length > 5, "there are records");
  const told = execFileSync(program, ["audit", "verify", lines], { encoding: "utf8" });
  assert.match(told, /\d/, "the program tells how many records it verified");
  const text = await readFile(await download(/^CSV/), "utf8");
  assert.ok(text.includes("workspace.archived") || text.includes("workspace."), "what was done stands in the table");
  assert.ok(!text.includes(PASSWORD));
  assert.deepEqual(faults, []);
});

/** Opens the dialog of an account's end, types the address that it asks for, and confirms. */
async function confirm(page, button, email, label) {
  const dialog = page.getByRole("dialog");
  await button.click();
  await dialog.getByText("The audit log keeps what was done").waitFor();
  const end = dialog.getByRole("button", { name: label, exact: true });
  assert.ok(await end.isDisabled(), "a click alone is not enough");
  await assertAccessible(page, `${label} before it is confirmed`);
  await shot(page, `account-${label.toLowerCase().replaceAll(" ", "-")}`);
  await dialog.getByLabel(/to confirm$/).fill(email);
  await end.focus();
  await page.keyboard.press("Enter");
}

test("an owner removes somebody for good, and nobody who alone owns something ends their account", async () => {
  const { page, faults } = ada;
  const alan = await invited(browser, page, server.origin, "Alan Turing", "alan@example.com");
  const people = page.getByRole("region", { name: "People of the organization" });
  await page.goto(`${server.origin}/settings/organization`);
  await confirm(page, people.getByRole("button", { name: "Remove Alan Turing for good" }), "alan@example.com", "Remove");
  await proven(page, page.getByText("is no longer in the organization"));
  await people.getByText("alan@example.com").waitFor({ state: "detached" });
  await alan.page.goto(`${server.origin}/workflows`);
  await alan.page.getByRole("button", { name: "Sign in", exact: true }).waitFor();
  await page.goto(`${server.origin}/settings/security`);
  await confirm(page, page.getByRole("button", { name: "Delete my account" }), "ada@example.com", "Delete my account");
  await proven(page, page.getByRole("dialog").getByRole("alert"));
  await assertAccessible(page, "an account that cannot end yet");
  await page.keyboard.press("Escape");
  assert.deepEqual([...faults, ...alan.faults], []);
});

test("somebody ends their own account, and nothing of it opens the door again", async () => {
  const { page, faults } = grace;
  await page.goto(`${server.origin}/settings/security`);
  await confirm(page, page.getByRole("button", { name: "Delete my account" }), GRACE, "Delete my account");
  await proven(page, page.getByRole("heading", { name: "Sign in to Flero" }));
  await assertNothingKept(page, [PASSWORD], "after the account ended");
  await page.getByLabel("Email").fill(GRACE);
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.keyboard.press("Enter");
  await page.getByRole("alert").first().waitFor();
  await ada.page.goto(`${server.origin}/settings/organization`);
  const people = ada.page.getByRole("region", { name: "People of the organization" });
  await people.getByText("ada@example.com").waitFor();
  assert.equal(await people.getByText(GRACE).count(), 0);
  assert.deepEqual(faults, []);
});

test("the sign-in page leads to a way in, and whoever may not sign themselves up is told so", async () => {
  const stranger = await opened(browser, `${server.origin}/login`);
  const { page, faults } = stranger;
  await page.getByRole("link", { name: "How to get one" }).focus();
  await page.keyboard.press("Enter");
  await page.getByLabel("Work email").fill("eve@elsewhere.example");
  await assertAccessible(page, "signing up");
  await shot(page, "sign-up");
  await page.keyboard.press("Enter");
  await page.getByRole("alert").first().waitFor();
  await assertAccessible(page, "signing up that is closed");
  assert.deepEqual(faults, []);
  await stranger.context.close();
});
