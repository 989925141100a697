// The guide inside the program, in a real Chromium against the real program.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertAccessible, launch, shot, startOwned, watched } from "./harness.mjs";

let server, home, browser;

before(async () => {
  if (!process.env.FLERO_DEMO_URL) server = await startOwned();
  home = process.env.FLERO_DEMO_URL ?? `${server.origin}/#key=${server.key}`;
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

const base = () => process.env.FLERO_PAGE ?? new URL(home).origin;
const at = (path) => `${base()}${path}${new URL(home).hash}`;

async function open(path, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, ...options });
  const { page, faults } = await watched(context);
  await page.goto(at(path));
  return { context, page, faults };
}

/** Whether a place of the page is on the screen. */
const isSeen = (page, id) =>
  page.waitForFunction((id) => {
    const box = document.getElementById(id)?.getBoundingClientRect();
    return box !== undefined && box.top >= -2 && box.top < innerHeight;
  }, id);

for (const colorScheme of ["light", "dark"]) {
  test(`the guide is searched by keyboard alone, and its pictures are there (${colorScheme})`, async () => {
    const { context, page, faults } = await open("/docs", { colorScheme });
    await page.getByRole("navigation", { name: "Guide" }).waitFor();
    await page.getByLabel("Search the guide").focus();
    await page.keyboard.type("webhooktrigger");
    await page.getByRole("link", { name: /WebhookTrigger/ }).first().waitFor();
    await assertAccessible(page, "search of the guide");
    await shot(page, `guide-search-${colorScheme}`);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: "Nodes" }).waitFor();
    await isSeen(page, "webhooktrigger");
    await page.getByLabel("Search the guide").focus();
    await page.keyboard.press("Escape");
    await page.getByRole("link", { name: "The workflow editor", exact: true }).focus();
    await page.keyboard.press("Enter");
    const picture = page.locator("article img").first();
    await picture.scrollIntoViewIfNeeded();
    await page.waitForFunction(() => document.querySelector("article img").naturalWidth > 0);
    await assertAccessible(page, "a page of the guide");
    await shot(page, `guide-${colorScheme}`);
    assert.deepEqual(faults, []);
    await context.close();
  });
}

test("every screen leads to its page of the guide, and a code to what to do about it", async () => {
  const { context, page } = await open("/logs");
  await page.getByRole("link", { name: "Guide: Executions" }).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "Executions" }).waitFor();
  await page.getByRole("link", { name: "page of codes" }).click();
  await page.getByRole("heading", { level: 1, name: "Codes of steps" }).waitFor();
  await page.goto(`${base()}/docs/codes#http.status`);
  await isSeen(page, "http.status");
  await page.setViewportSize({ width: 390, height: 800 });
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.equal(overflow, 0);
  await context.close();
});
