// The lists of executions and workflows follow what runs, told by the server; where nothing is heard from it, they ask.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, startOwned, watched } from "./harness.mjs";

let server, browser, quick, slow;

async function call(path, body) {
  const response = await fetch(`${server.origin}${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${server.key}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return response.json();
}

/** Makes a workflow of a Start node, and of another one behind it. */
const make = async (name, node) => {
  const nodes = [{ id: "start", name: "Start", type: "Start" }, ...(node ? [{ id: "next", name: "Next", ...node }] : [])];
  return (await call("/api/workflows", { name, nodes, edges: node ? [{ from: "start", to: "next" }] : [] })).id;
};
const run = (id) => call(`/api/workflows/${id}/run`, {});

before(async () => {
  [server, browser] = [await startOwned(), await launch()];
  quick = await make("Quick");
  slow = await make("Slow", { type: "Wait", parameters: { durationMs: 4_000 } });
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

/** Opens the list; gives how often it was asked for since. */
async function open(prepare = () => {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  context.setDefaultTimeout(60_000);
  const { page, faults } = await watched(context);
  await prepare(page);
  const asked = [];
  page.on("request", (request) => request.url().includes("/api/executions?") && asked.push(request.url()));
  const heard = page.waitForResponse((response) => response.url().endsWith("/api/executions/events")).catch(() => undefined);
  await page.goto(`${server.origin}/logs#key=${server.key}`);
  await page.getByRole("heading", { name: "Executions" }).waitFor();
  return { context, page, faults, asked, heard };
}

const row = (page, name) => page.getByRole("row").filter({ has: page.getByRole("link", { name, exact: true }) });

test("a run is shown as it begins and as it ends, and its row opens it", async () => {
  const { context, page, faults, asked, heard } = await open();
  assert.equal((await heard)?.status(), 200);
  await page.getByText("Nothing has run yet").waitFor();
  await run(slow);
  await row(page, "Slow").getByText(/Running|Waiting/).waitFor();
  const before = asked.length;
  await row(page, "Slow").getByText("Success").waitFor();
  assert.ok(asked.length - before <= 1, `asked ${asked.length - before} times for what was told`);
  for (let times = 0; times < 60; times += 1) await run(quick);
  await page.getByText("61 executions", { exact: true }).waitFor();
  await row(page, "Slow").getByText("By hand").click();
  await page.waitForURL(/\/logs\/exec_/);
  assert.deepEqual(faults, []);
  await context.close();
});

test("where events do not come through, the list asks for itself", async () => {
  const { context, page } = await open((page) => page.route("**/api/executions/events", (route) => route.abort()));
  await row(page, "Quick").first().waitFor();
  await page.getByText("61 executions", { exact: true }).waitFor();
  await run(quick);
  await page.getByText("62 executions", { exact: true }).waitFor();
  await context.close();
});

test("a run whose events break off is heard again", async () => {
  const long = await make("Long", { type: "Wait", parameters: { durationMs: 600_000 } });
  const { executionId } = await run(long);
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  context.setDefaultTimeout(60_000);
  const { page, faults } = await watched(context);
  const isStream = (url) => url.pathname.endsWith(`/${executionId}/events`);
  await page.route(isStream, (route) => route.abort(), { times: 1 });
  const again = page.waitForResponse((response) => isStream(new URL(response.url())));
  await page.goto(`${server.origin}/logs/${executionId}#key=${server.key}`);
  assert.equal((await again).status(), 200);
  await page.getByRole("button", { name: "Stop" }).click();
  await page.getByText("Cancelled").first().waitFor();
  assert.deepEqual(faults, []);
  await context.close();
});
