// The guide inside the program, in a real Chromium against the real program.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { createInterface } from "node:readline";
import { assertAccessible, freePort, launch, program, shot, watched } from "./harness.mjs";

let server, folder, home, browser;

before(async () => {
  home = process.env.FLERO_DEMO_URL ?? (await startInstallation());
  browser = await launch();
});

after(async () => {
  await browser?.close();
  server?.kill("SIGTERM");
  if (folder) await rm(folder, { recursive: true, force: true });
});

async function startInstallation() {
  folder = await mkdtemp(join(tmpdir(), "flero-guide-"));
  const port = await freePort();
  const env = { ...process.env, FLERO_DATA_DIR: join(folder, "data"), FLERO_KEY_FILE: join(folder, "keys", "root.key"), FLERO_LISTEN: `127.0.0.1:${port}`, FLERO_LOG: "warn" };
  const owner = ["bootstrap", "--email", "owner@example.com", "--name", "Owner", "--workspace", "Demo", "--password-stdin"];
  const made = execFileSync(program, owner, { env, input: "a long enough pass phrase", stdio: ["pipe", "pipe", "inherit"] });
  server = spawn(program, ["serve"], { stdio: ["ignore", "pipe", "inherit"], env });
  const lines = createInterface({ input: server.stdout });
  await new Promise((resolve, reject) => {
    lines.once("line", resolve);
    server.once("exit", (code) => reject(new Error(`the server ended with ${code}`)));
  });
  return `http://127.0.0.1:${port}/#key=${JSON.parse(made).apiKey}`;
}

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
