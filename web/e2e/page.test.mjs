// The page that shows executions, in a real Chromium against the real program (`flero demo --keep`).
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFile, mkdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";

const program = process.env.FLERO_BIN ?? `${process.env.CARGO_TARGET_DIR ?? "../../target"}/debug/flero`;
const images = process.env.FLERO_IMAGES;
const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

let demo, demoResult, browser;

before(async () => {
  demo = spawn(program, ["demo", "--keep", "--json"], { stdio: ["ignore", "pipe", "inherit"] });
  const lines = createInterface({ input: demo.stdout });
  demoResult = await new Promise((resolve, reject) => {
    lines.once("line", (line) => resolve(JSON.parse(line)));
    demo.once("exit", (code) => reject(new Error(`the demonstration ended with ${code}`)));
  });
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: flags });
  if (images) await mkdir(images, { recursive: true });
});

after(async () => {
  await browser?.close();
  demo?.kill("SIGTERM");
});

/** Opens an address in a context of its own. The policy of the page forbids scripts from elsewhere, axe too. */
async function open(address, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, bypassCSP: true, ...options });
  const page = await context.newPage();
  const faults = [];
  page.on("pageerror", (error) => faults.push(String(error)));
  await page.goto(address);
  return { context, page, faults };
}

async function assertAccessible(page, where) {
  await page.evaluate(axe);
  const result = await page.evaluate(() => globalThis.axe.run(document));
  assert.deepEqual(result.violations.map((violation) => `${violation.id}: ${violation.nodes.map((node) => node.html).join(" ").slice(0, 300)}`), [], where);
}

async function shot(page, name) {
  if (images) await page.screenshot({ path: `${images}/${name}.png` });
}

const origin = () => new URL(demoResult.url).origin;
const keyOf = () => new URLSearchParams(new URL(demoResult.url).hash.slice(1)).get("key");

for (const colorScheme of ["light", "dark"]) {
  test(`an execution is shown with its nodes and passes axe (${colorScheme})`, async () => {
    const { context, page, faults } = await open(demoResult.url, { colorScheme });
    await page.getByRole("heading", { name: "Nodes" }).waitFor();
    assert.equal(await page.locator("[data-node]").count(), 3);
    await page.locator("[data-node]").nth(1).getByRole("button").focus();
    await page.keyboard.press("Enter");
    await page.locator("[data-node]").nth(1).getByText("[REDACTED]").first().waitFor();
    await assertAccessible(page, "execution");
    await shot(page, `execution-${colorScheme}`);
    assert.deepEqual(faults, []);
    await context.close();
  });

  test(`the list and the gate pass axe (${colorScheme})`, async () => {
    const { context, page } = await open(`${origin()}/logs`, { colorScheme });
    await page.getByLabel("API key").waitFor();
    await assertAccessible(page, "gate");
    await shot(page, `gate-${colorScheme}`);
    await page.getByLabel("API key").fill("flero_wrong");
    await page.keyboard.press("Enter");
    assert.match(await page.getByRole("alert").innerText(), /42 characters/);
    await page.getByLabel("API key").fill(keyOf());
    await page.keyboard.press("Enter");
    await page.getByRole("table").waitFor();
    assert.equal(await page.getByRole("row").count(), 2);
    await assertAccessible(page, "list");
    await shot(page, `executions-${colorScheme}`);
    await page.getByRole("link", { name: /^exec_/ }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Nodes" }).waitFor();
    await context.close();
  });
}

test("a key that is not accepted and a server that is away are told in words", async () => {
  const { context, page } = await open(`${origin()}/logs#key=flero_${"0".repeat(36)}`);
  await page.getByLabel("API key").fill(keyOf());
  await page.route("**/api/executions**", (route) => route.abort());
  await page.keyboard.press("Enter");
  await page.getByText("Flero does not answer").waitFor();
  await assertAccessible(page, "failure");
  await page.unroute("**/api/executions**");
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("table").waitFor();
  await context.close();
});

test("a phone shows everything without scrolling sideways", async () => {
  const { context, page } = await open(demoResult.url, { viewport: { width: 375, height: 800 } });
  await page.getByRole("heading", { name: "Nodes" }).waitFor();
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.equal(overflow, 0);
  await page.getByRole("button", { name: "Open the menu" }).click();
  await page.getByRole("dialog").getByRole("link", { name: "Executions" }).click();
  await page.getByRole("table").waitFor();
  await shot(page, "executions-phone");
  await context.close();
});

test("the page works under its policy and keeps no key in the address, the history or any store", async () => {
  const { context, page, faults } = await open("about:blank", { bypassCSP: false });
  const refused = [];
  page.on("console", (message) => message.text().includes("Content Security Policy") && refused.push(message.text()));
  await page.goto(demoResult.url);
  await page.getByRole("heading", { name: "Nodes" }).waitFor();
  await page.getByRole("button", { name: /@/ }).click();
  await page.getByRole("menuitemradio", { name: "Dark" }).waitFor();
  assert.deepEqual([refused, faults], [[], []]);
  assert.equal(new URL(page.url()).hash, "");
  const kept = await page.evaluate(async () => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, await indexedDB.databases(), await caches.keys(), history.state]));
  const seen = kept + (await page.content());
  for (const secret of [keyOf(), ...(demoResult.canaries ?? [])]) assert.ok(!seen.includes(secret));
  const answer = await page.request.get(`${origin()}/`);
  const policy = answer.headers()["content-security-policy"];
  assert.match(policy, /script-src 'self';/);
  assert.doesNotMatch(policy, /unsafe/);
  assert.notEqual(policy, (await page.request.get(`${origin()}/`)).headers()["content-security-policy"]);
  await context.close();
});
