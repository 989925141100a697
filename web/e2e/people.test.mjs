// Two people in a real browser: an invitation is accepted with a new account and with one that exists, by keyboard
// alone; what a role does not include is not offered; whoever leaves the last workspace is told what to do.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertAccessible, assertNothingKept, launch, shot, startServer } from "./harness.mjs";
import { PASSWORD } from "./owner.mjs";
import { opened, owner } from "./people.mjs";

const GRACE = "grace@example.com";

let server, browser, ada, grace;

before(async () => {
  [server, browser] = await Promise.all([startServer(), launch()]);
  ada = await owner(browser, server);
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

/** Invites somebody into the workspace that is open; gives the link. */
async function invite(page, email) {
  const dialog = page.getByRole("dialog");
  await page.goto(`${server.origin}/settings/members?invite=1`);
  await dialog.getByLabel("Email addresses").fill(email);
  await page.keyboard.press("Enter");
  await dialog.getByRole("button", { name: "Invite", exact: true }).click();
  const link = dialog.getByLabel(`Link for ${email}`);
  await link.waitFor();
  const url = await link.inputValue();
  await assertAccessible(page, "the link of an invitation");
  await dialog.getByRole("button", { name: "Done" }).click();
  await dialog.waitFor({ state: "hidden" });
  await assertNothingKept(page, [url.split("/").at(-1)], "after the link was shown");
  return url;
}

test("somebody who is invited makes an account by keyboard alone", async () => {
  const link = await invite(ada.page, GRACE);
  await ada.page.getByRole("region", { name: "Invitations" }).getByText(GRACE).waitFor();
  await assertAccessible(ada.page, "members");
  await shot(ada.page, "members");
  grace = await opened(browser, link);
  const { page, faults } = grace;
  await page.getByRole("heading", { name: "Join Analytical Engines" }).waitFor();
  assert.equal(await page.getByLabel("Email").inputValue(), GRACE);
  await assertAccessible(page, "an invitation");
  await shot(page, "invitation");
  await page.getByLabel("Your name").focus();
  await page.keyboard.type("Grace Hopper");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Workflows", exact: true }).waitFor();
  assert.ok(!page.url().includes("/invite/"));
  await assertNothingKept(page, [PASSWORD, link.split("/").at(-1)], "after joining");
  assert.deepEqual(faults, []);
});

test("a link that was used says so", async () => {
  const stranger = await opened(browser, `${server.origin}/invite/nothing-of-the-kind`);
  await stranger.page.getByRole("heading", { name: "This invitation is no longer valid" }).waitFor();
  await assertAccessible(stranger.page, "an invitation that is over");
  assert.deepEqual(stranger.faults, []);
  await stranger.context.close();
});

test("what a role does not include is not offered, and an address that leads there says so", async () => {
  const { page, faults } = grace;
  const main = page.getByRole("navigation", { name: "Main" });
  await main.getByRole("link", { name: "Catalog" }).waitFor();
  assert.equal(await main.getByRole("link", { name: "Members" }).count(), 0);
  for (const section of ["members", "organization", "vault", "audit"]) {
    await page.goto(`${server.origin}/settings/${section}`);
    await page.getByRole("heading", { name: "This is not for your role" }).waitFor();
  }
  await assertAccessible(page, "a screen for other roles");
  assert.deepEqual(faults, []);
});

test("whoever has an account joins a second workspace with it, and nobody else does", async () => {
  const dialog = ada.page.getByRole("dialog");
  await ada.page.goto(`${server.origin}/settings/workspace`);
  await ada.page.getByRole("button", { name: "New workspace" }).click();
  await dialog.getByLabel("Name", { exact: true }).fill("Finance");
  await ada.page.keyboard.press("Enter");
  await ada.page.getByRole("button", { name: /Finance/ }).waitFor();
  const link = await invite(ada.page, GRACE);
  await ada.page.goto(link);
  await ada.page.getByText("the invitation is for").waitFor();
  await assertAccessible(ada.page, "an invitation of somebody else");

  const { page, faults } = grace;
  await page.context().clearCookies();
  await page.goto(link);
  await page.getByRole("link", { name: "Sign in" }).focus();
  await page.keyboard.press("Enter");
  await page.getByLabel("Email").fill(GRACE);
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Join" }).waitFor();
  await assertAccessible(page, "joining");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Workflows", exact: true }).waitFor();
  await page.getByRole("button", { name: /Finance/ }).waitFor();
  assert.deepEqual(faults, []);
});

test("whoever leaves goes on in another workspace, and at last in none", async () => {
  const { page, faults } = grace;
  const dialog = page.getByRole("dialog");
  const leave = async () => {
    await page.goto(`${server.origin}/settings/workspace`);
    await page.getByRole("button", { name: "Leave this workspace" }).click();
    await dialog.getByRole("button", { name: "Leave", exact: true }).click();
    await dialog.waitFor({ state: "hidden" });
  };
  await leave();
  await page.getByRole("button", { name: /Analytical Engines/ }).or(page.getByText("Analytical Engines")).first().waitFor();
  await page.getByRole("heading", { name: "Workflows", exact: true }).waitFor();
  await leave();
  await page.getByRole("heading", { name: "You are in no workspace" }).waitFor();
  await assertAccessible(page, "no workspace");
  await shot(page, "no-workspace");
  await page.goto(`${server.origin}/settings/security`);
  await page.getByRole("heading", { name: "Security", exact: true }).waitFor();
  assert.deepEqual(faults, []);
});
