// The Marketplace in a real Chromium against the real program: a package that comes with it is agreed to, installed,
// seen in the catalog and removed again; the registries are listed, and one that is none is refused.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertAccessible, launch, shot, startServer, watched } from "./harness.mjs";
import { makeOwner, PASSWORD } from "./owner.mjs";

let server, browser;

before(async () => {
  [server, browser] = [await startServer(), await launch()];
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

/** The owner in a window of their own: made with the first call, signed in with later ones. */
async function enter(options) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, bypassCSP: true, ...options });
  const { page, faults } = await watched(context);
  if (options?.storageState) {
    await page.goto(`${server.origin}/marketplace`);
  } else {
    await makeOwner(page, server.setupLink);
  }
  return { context, page, faults };
}

test("a package is found, agreed to, installed, seen in the catalog, and removed", async () => {
  const { context, page, faults } = await enter();
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Marketplace" }).click();
  await page.getByRole("heading", { name: "Marketplace", exact: true }).waitFor();
  const list = page.getByRole("list", { name: "Packages" });
  await list.getByRole("link", { name: /Frankfurter/ }).waitFor();
  await assertAccessible(page, "the list of packages");
  await shot(page, "marketplace-light");

  await page.getByLabel("Search packages").fill("hacker");
  await page.getByText("1 package", { exact: true }).waitFor();
  await page.waitForURL(/q=hacker/);
  await list.getByRole("link", { name: /Hacker News/ }).click();
  await page.getByRole("heading", { name: "Hacker News", exact: true }).waitFor();
  await page.getByText("hacker-news.firebaseio.com").first().waitFor();
  await assertAccessible(page, "a package");
  await shot(page, "marketplace-package-light");

  await page.getByRole("button", { name: "Install", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "Install Hacker News" });
  await dialog.getByText("hacker-news.firebaseio.com").waitFor();
  const install = dialog.getByRole("button", { name: "Install", exact: true });
  assert.ok(await install.isDisabled(), "nothing is installed before somebody agreed");
  await assertAccessible(page, "the dialog that asks for consent");
  await shot(page, "marketplace-install-light");
  const consent = dialog.getByRole("checkbox", { name: /secrets may be sent to the host above/ });
  await consent.focus();
  await page.keyboard.press("Space");
  await install.click();

  const done = page.getByRole("dialog", { name: "Hacker News is installed" });
  await done.waitFor();
  await assertAccessible(page, "what comes after installing");
  await done.getByRole("link", { name: "Open in catalog" }).click();
  await page.waitForURL(/\/catalog\/hacker-news$/);
  await page.getByRole("heading", { name: "Hacker News", exact: true }).waitFor();
  await page.getByRole("tab", { name: /Operations/ }).click();
  await page.getByRole("tabpanel").getByRole("button").first().waitFor();

  await page.goto(`${server.origin}/marketplace?show=installed`);
  await list.getByText("Installed", { exact: true }).waitFor();
  await list.getByRole("link", { name: /Hacker News/ }).click();
  await page.getByRole("button", { name: "More for Hacker News" }).click();
  await page.getByRole("menuitem", { name: "Remove" }).click();
  const removing = page.getByRole("dialog", { name: "Remove Hacker News?" });
  await removing.getByText("fail at that node").waitFor();
  await assertAccessible(page, "the dialog that removes");
  await removing.getByRole("button", { name: "Remove", exact: true }).click();
  await removing.waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Install", exact: true }).waitFor();
  const left = await page.evaluate(async () => (await fetch("/api/connectors/hacker-news")).status);
  assert.equal(left, 404);

  await page.goto(`${server.origin}/marketplace/community/nothing-of-the-kind`);
  await page.getByRole("heading", { name: "No registry offers this package" }).waitFor();
  assert.deepEqual(faults, []);
  await seenInTheDarkAndOnAPhone(await context.storageState());
  await context.close();
});

/** The same screens for whoever likes it dark, and on a narrow screen. */
async function seenInTheDarkAndOnAPhone(storageState) {
  for (const [name, options] of [
    ["dark", { colorScheme: "dark" }],
    ["phone", { viewport: { width: 390, height: 844 } }],
  ]) {
    const { context, page, faults } = await enter({ storageState, ...options });
    await page.getByRole("link", { name: /Frankfurter/ }).waitFor();
    await assertAccessible(page, `the list of packages, ${name}`);
    await shot(page, `marketplace-${name}`);
    await page.goto(`${server.origin}/marketplace/community/frankfurter`);
    await page.getByRole("button", { name: "Install", exact: true }).click();
    await page.getByRole("dialog", { name: "Install Frankfurter" }).waitFor();
    await assertAccessible(page, `the dialog that asks for consent, ${name}`);
    await shot(page, `marketplace-install-${name}`);
    const isWide = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
    assert.ok(!isWide, `the page is no wider than the window, ${name}`);
    assert.deepEqual(faults, []);
    await context.close();
  }
}

test("registries are listed, and what is no root is refused before it is sent", async () => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, bypassCSP: true });
  const { page, faults } = await watched(context);
  await page.goto(`${server.origin}/login?next=/marketplace/registries`);
  await page.getByLabel("Email").fill("ada@example.com");
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.getByRole("heading", { name: "Registries", exact: true }).waitFor();
  await page.getByRole("cell", { name: "Comes with Flero" }).waitFor();
  await assertAccessible(page, "the registries");
  await page.getByRole("button", { name: "Add a registry" }).click();
  const dialog = page.getByRole("dialog", { name: "Add a registry" });
  await dialog.getByLabel("Name").fill("Ours");
  await dialog.getByLabel("Address").fill("https://packages.example.com/");
  await dialog.getByText("Paste it").click();
  await dialog.getByRole("textbox", { name: "Root" }).fill('{"signed":{"_type":"targets"},"signatures":[]}');
  await dialog.getByText("This is the registry's targets file.").waitFor();
  await assertAccessible(page, "the form of a registry with a fault");
  await shot(page, "marketplace-registry-light");
  assert.deepEqual(faults, []);
  await context.close();
});
