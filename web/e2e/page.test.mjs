// An execution of `flero demo --keep`, opened with the short-lived key in the fragment of its address.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { after, before, test } from "node:test";
import { createInterface } from "node:readline";
import { assertAccessible, assertNothingKept, launch, program, shot, watched } from "./harness.mjs";

let demo, demoResult, browser;

before(async () => {
  demo = spawn(program, ["demo", "--keep", "--json"], { stdio: ["ignore", "pipe", "inherit"] });
  const lines = createInterface({ input: demo.stdout });
  demoResult = await new Promise((resolve, reject) => {
    lines.once("line", (line) => resolve(JSON.parse(line)));
    demo.once("exit", (code) => reject(new Error(`the demonstration ended with ${code}`)));
  });
  browser = await launch();
});

after(async () => {
  await browser?.close();
  demo?.kill("SIGTERM");
});

/** Opens an address in a context of its own. */
async function open(address, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const { page, faults } = await watched(context);
  await page.goto(address);
  return { context, page, faults };
}

const origin = () => new URL(demoResult.url).origin;
const keyOf = () => new URLSearchParams(new URL(demoResult.url).hash.slice(1)).get("key");

for (const colorScheme of ["light", "dark"]) {
  test(`an execution is shown with its nodes and passes axe (${colorScheme})`, async () => {
    const { context, page, faults } = await open(demoResult.url, { colorScheme });
    await page.getByRole("list", { name: "Timeline" }).waitFor();
    assert.equal(await page.locator("[data-node]").count(), 3);
    await page.locator(".react-flow__node").nth(2).waitFor();
    await page.locator("[data-node]").nth(1).focus();
    await page.keyboard.press("Enter");
    await page.getByText("[REDACTED]").first().waitFor();
    await assertAccessible(page, "execution");
    assert.deepEqual(faults, []);
    await context.close();
  });
}

test("a key that is not accepted leads to the sign-in, and a server that is away is told in words", async () => {
  const { context, page } = await open(`${origin()}/logs#key=flero_${"0".repeat(36)}`);
  await page.getByRole("heading", { name: "Sign in to Flero" }).waitFor();
  await assertAccessible(page, "sign in");
  await page.route("**/api/executions**", (route) => route.abort());
  await page.goto(`${origin()}/logs?again#key=${keyOf()}`);
  await page.getByText("The executions could not be listed").waitFor();
  await assertAccessible(page, "failure");
  await page.unroute("**/api/executions**");
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("table").waitFor();
  await context.close();
});

test("a phone shows everything without scrolling sideways", async () => {
  const { context, page } = await open(demoResult.url, { viewport: { width: 375, height: 800 } });
  await page.getByRole("list", { name: "Timeline" }).waitFor();
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.equal(overflow, 0);
  await page.getByRole("button", { name: "Open the menu" }).click();
  await page.getByRole("dialog").getByRole("link", { name: "Executions" }).click();
  await page.getByRole("table").waitFor();
  await shot(page, "executions-phone");
  await context.close();
});

test("the page works under its policy and keeps no key in the address, the history or any store", async () => {
  const { context, page, faults } = await open(demoResult.url);
  await page.getByRole("list", { name: "Timeline" }).waitFor();
  await page.getByRole("button", { name: /@/ }).click();
  await page.getByText("Dark", { exact: true }).waitFor();
  assert.deepEqual(faults, []);
  assert.equal(new URL(page.url()).hash, "");
  await assertNothingKept(page, [keyOf(), ...(demoResult.canaries ?? [])], "the demonstration");
  const answer = await page.request.get(`${origin()}/`);
  const policy = answer.headers()["content-security-policy"];
  assert.match(policy, /script-src 'self';/);
  assert.doesNotMatch(policy, /unsafe/);
  assert.notEqual(policy, (await page.request.get(`${origin()}/`)).headers()["content-security-policy"]);
  await context.close();
});
