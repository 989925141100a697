// From a run that failed to what mends it, and the ways to add nodes that need no palette beside the canvas.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { assertAccessible, launch, shot, startOwned, watched } from "./harness.mjs";
import { tabTo } from "./keyboard.mjs";

let server, home, browser, service, port;

before(async () => {
  let asked = 0;
  service = createServer((request, response) => {
    if (request.url === "/busy" || (request.url === "/flaky" && asked++ === 0)) return response.writeHead(503).end();
    if (request.url === "/flaky") return response.end("fine");
    response.writeHead(401, { "content-type": "application/json" });
    response.end('{"error":"unknown token"}');
  });
  port = await new Promise((resolve) => service.listen(0, "127.0.0.1", () => resolve(service.address().port)));
  // While the interface is being worked on: a server that runs already, seen through Vite (FLERO_PAGE).
  if (!process.env.FLERO_DEMO_URL) server = await startOwned({ FLERO_EGRESS_ALLOW: `127.0.0.1:${port}` });
  home = process.env.FLERO_DEMO_URL ?? `${server.origin}/#key=${server.key}`;
  browser = await launch();
});

after(async () => {
  await browser?.close();
  service?.close();
  await server?.stop();
});

const keyOf = () => new URLSearchParams(new URL(home).hash.slice(1)).get("key");
const at = (path) => `${process.env.FLERO_PAGE ?? new URL(home).origin}${path}#key=${keyOf()}`;

async function call(method, path, body) {
  const headers = { authorization: `Bearer ${keyOf()}`, "content-type": "application/json" };
  const response = await fetch(`${new URL(home).origin}${path}`, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
  return response.json();
}

async function open(path, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  context.setDefaultTimeout(60_000);
  const { page, faults } = await watched(context);
  await page.goto(at(path));
  return { context, page, faults };
}

const node = (page, name) => page.locator(".react-flow__node", { hasText: name });
const start = { id: "s", name: "Start", type: "Start", position: { x: 0, y: 0 } };

test("a run that was refused says what to do, tests the credential, and opens its node with its data", async () => {
  const origin = `http://127.0.0.1:${port}`;
  const credential = await call("POST", "/api/credentials", { name: `Shop ${port}`, service: "http", authType: "bearer", scope: "workspace", data: { token: "old" }, allowedHosts: [origin], parameters: { testUrl: `${origin}/me` } });
  const made = await call("POST", "/api/workflows", {
    name: "Refused",
    nodes: [start, { id: "c", name: "Fetch orders", type: "HTTPRequest", parameters: { url: `${origin}/orders` }, credentialId: credential.id, position: { x: 330, y: 0 } }],
    edges: [{ from: "s", to: "c" }],
  });
  const run = await call("POST", `/api/workflows/${made.id}/run?wait=true`, { input: {} });
  for (const colorScheme of ["light", "dark"]) {
    const { context, page, faults } = await open(`/logs/${run.id}`, { colorScheme });
    await page.getByText("The service did not accept the credential.", { exact: false }).waitFor();
    await page.getByRole("button", { name: "Test the credential" }).waitFor();
    await page.locator(".react-flow__node").nth(1).waitFor();
    await assertAccessible(page, "a run that failed");
    if (colorScheme === "light") await shot(page, "execution-failed");
    await page.getByRole("button", { name: "Test the credential" }).click();
    await page.getByRole("dialog").getByText("The service refused it").waitFor();
    await page.keyboard.press("Escape");
    await tabTo(page, page.getByRole("link", { name: "Open this node in the editor" }));
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/workflows\/.*node=c/);
    await page.waitForFunction(() => document.querySelector("[aria-label='Name of the node']")?.value === "Fetch orders");
    await node(page, "Fetch orders").locator("[data-status=failed]").first().waitFor();
    await page.getByRole("tab", { name: "Data" }).click();
    await page.getByText("unknown token").first().waitFor();
    assert.deepEqual(faults, []);
    await context.close();
  }
});

test("each attempt of a node is shown, with the wait for the next one while it lasts", async () => {
  const runOf = async (path, retryDelayMs, query) => {
    const parameters = { url: `http://127.0.0.1:${port}${path}`, retries: 1, retryDelayMs, backoff: "fixed" };
    const nodes = [start, { id: "c", name: "Fetch orders", type: "HTTPRequest", parameters, position: { x: 330, y: 0 } }];
    const made = await call("POST", "/api/workflows", { name: `Tried again ${path}`, nodes, edges: [{ from: "s", to: "c" }] });
    return call("POST", `/api/workflows/${made.id}/run${query}`, { input: {} });
  };
  const waiting = await runOf("/busy", 600_000, "");
  const live = await open(`/logs/${waiting.executionId}`);
  const attempts = live.page.getByRole("list", { name: "Attempts" });
  await attempts.getByText(/The next follows in \d/).waitFor();
  await attempts.getByText("http.status").waitFor();
  await live.page.locator("[data-node=c] [data-piece=wait1]").waitFor({ state: "attached" });
  await live.page.getByRole("button", { name: "Stop" }).click();
  await attempts.getByText(/The next follows/).waitFor({ state: "detached" });
  assert.equal(await attempts.getByRole("listitem").count(), 1);
  assert.deepEqual(live.faults, []);
  await live.context.close();

  const run = await runOf("/flaky", 200, "?wait=true");
  assert.equal(run.status, "success");
  for (const colorScheme of ["light", "dark"]) {
    const { context, page, faults } = await open(`/logs/${run.id}`, { colorScheme });
    const list = page.getByRole("list", { name: "Attempts" });
    await list.getByText("Success").waitFor();
    assert.equal(await list.getByRole("listitem").count(), 2);
    await list.getByText(/Waited .* for the next/).waitFor();
    assert.equal(await page.locator("[data-node=c] [data-piece]").count(), 3);
    await page.locator(".react-flow__node").nth(1).waitFor();
    await assertAccessible(page, "a run with attempts");
    if (colorScheme === "light") {
      await list.scrollIntoViewIfNeeded();
      await shot(page, "execution-attempts");
    }
    assert.deepEqual(faults, []);
    await context.close();
  }
});

test("the list of workflows tells how each one ran last", async () => {
  const { context, page } = await open("/workflows");
  const row = page.getByRole("row", { name: /Refused/ });
  await row.getByRole("link", { name: /Failed/ }).click();
  await page.waitForURL(/\/logs\/exec_/);
  await context.close();
});

test("a click on a port adds what comes behind it, and a node that is put between two makes room", async () => {
  const made = await call("POST", "/api/workflows", { name: "Ports", nodes: [start, { id: "a", name: "First", type: "Set", position: { x: 330, y: 0 } }], edges: [{ from: "s", to: "a" }] });
  const { context, page, faults } = await open(`/workflows/${made.id}`);
  await node(page, "First").locator('.source[data-handleid="output"]').click();
  const dialog = page.getByRole("dialog", { name: "What comes here?" });
  await dialog.getByRole("combobox").waitFor();
  await page.keyboard.type("filter");
  await page.keyboard.press("Enter");
  await node(page, "Filter").waitFor();
  await page.locator(".react-flow__edge").nth(1).waitFor({ state: "attached" });
  await page.getByRole("button", { name: "Close the panel" }).click();
  await page.getByRole("button", { name: "Fit View" }).click();
  await page.waitForTimeout(400);
  // The path itself is bent: its middle is found where the buttons stand once it is chosen by keyboard.
  await page.locator(".react-flow__edge").first().focus();
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Put a node here" }).click();
  await dialog.getByRole("combobox").waitFor();
  await page.keyboard.type("set f");
  await page.keyboard.press("Enter");
  await node(page, "Set fields").waitFor();
  await page.locator("button[data-state=incomplete], button[data-state=saved]").first().waitFor();
  const lefts = await page.evaluate(() =>
    ["Start", "Set fields", "First", "Filter"].map((name) => [...document.querySelectorAll(".react-flow__node")].find((each) => each.textContent.includes(name)).getBoundingClientRect().x),
  );
  assert.deepEqual(lefts, lefts.toSorted((one, other) => one - other));
  assert.deepEqual(faults, []);
  await context.close();
});

test("several nodes have a bar, and a phone adds nodes by a button or a key", async () => {
  const nodes = [start, { id: "a", name: "First", type: "Set", position: { x: 330, y: 0 } }, { id: "b", name: "Second", type: "Set", position: { x: 660, y: 0 } }];
  const made = await call("POST", "/api/workflows", { name: "Several", nodes, edges: [{ from: "s", to: "a" }, { from: "a", to: "b" }] });
  const wide = await open(`/workflows/${made.id}`);
  await node(wide.page, "Second").waitFor();
  await node(wide.page, "First").click();
  await wide.page.keyboard.press("Control+a");
  const bar = wide.page.getByRole("toolbar", { name: "Selected nodes" });
  await bar.getByText("3 selected").waitFor();
  await assertAccessible(wide.page, "several nodes");
  await bar.getByRole("button", { name: /^Delete/ }).click();
  await node(wide.page, "Second").waitFor({ state: "detached" });
  await wide.page.locator(".react-flow__pane").click({ position: { x: 20, y: 20 } });
  await wide.page.keyboard.press("Control+z");
  await node(wide.page, "Second").waitFor();
  await wide.page.locator("button[data-state=saved]").waitFor({ state: "attached" });
  await wide.context.close();

  const { context, page } = await open(`/workflows/${made.id}`, { viewport: { width: 390, height: 800 } });
  await node(page, "First").first().waitFor();
  await page.getByRole("button", { name: "Add a node" }).click();
  await page.getByRole("dialog", { name: "What comes here?" }).getByRole("combobox").waitFor();
  await assertAccessible(page, "the palette of a phone");
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  // Whoever types on after the slash loses no letter: the field has the focus from the moment that it is there.
  await page.evaluate(() => {
    new MutationObserver((_, observer) => {
      const field = document.querySelector("[role=dialog] input[role=combobox]");
      if (!field) return;
      observer.disconnect();
      window.hasFocusAtOnce = document.activeElement === field;
    }).observe(document.body, { childList: true, subtree: true });
  });
  await page.keyboard.press("/");
  await page.locator("[role=dialog] input[role=combobox]:focus").waitFor();
  assert.equal(await page.evaluate(() => window.hasFocusAtOnce), true);
  await page.keyboard.type("wait");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => [...document.querySelectorAll(".react-flow__node")].some((each) => each.textContent.includes("Wait")));
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.equal(over, 0);
  await context.close();
});
