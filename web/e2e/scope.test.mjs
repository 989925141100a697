// A credential is given to more people by two people: the one who owns it asks, the other one decides. A request is
// taken back, one is refused with a reason, one is approved, and then a workflow of the other person can use it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertAccessible, assertNothingKept, launch, shot, startServer, startService } from "./harness.mjs";
import { call, invited, owner } from "./people.mjs";

const TOKEN = "canary-scope-4b19e07dc3";

let server, service, browser, ada, grace;

before(async () => {
  [server, service, browser] = await Promise.all([startServer(), startService([TOKEN]), launch()]);
  ada = await owner(browser, server);
  grace = await invited(browser, ada.page, server.origin, "Grace Hopper", "grace@example.com");
});

after(async () => {
  await browser?.close();
  service?.stop();
  await server?.stop();
});

/** Grace asks for a wider scope of her credential. */
async function ask(why) {
  const { page } = grace;
  const dialog = page.getByRole("dialog");
  await page.goto(`${server.origin}/settings/credentials`);
  await page.getByRole("button", { name: "Actions for Orders API" }).click();
  await page.getByRole("menuitem", { name: "Change scope", exact: true }).click();
  await dialog.getByRole("radio", { name: "Workspace" }).click();
  await dialog.getByLabel("Why").fill(why);
  await dialog.getByText("An admin of the workspace decides").waitFor();
  await shot(page, "scope-ask");
  await assertAccessible(page, "asking for a wider scope");
  await dialog.getByRole("button", { name: "Ask", exact: true }).click();
  await dialog.waitFor({ state: "hidden" });
}

/** Ada opens the request that waits. */
async function openRequest() {
  const { page } = ada;
  await page.goto(`${server.origin}/settings/requests`);
  await page.getByRole("button", { name: "Decide: Orders API" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("Grace Hopper").first().waitFor();
  return dialog;
}

test("an editor's own credential waits for an admin, and is seen by nobody else", async () => {
  const { page, faults } = grace;
  const dialog = page.getByRole("dialog");
  await page.goto(`${server.origin}/settings/credentials?add=http`);
  await dialog.getByLabel("Name", { exact: true }).fill("Orders API");
  await dialog.getByLabel("Token", { exact: true }).fill(TOKEN);
  await dialog.getByLabel("Allowed hosts").fill(service.origin);
  await page.keyboard.press("Enter");
  await dialog.getByRole("radio", { name: "Personal" }).click();
  await dialog.getByRole("button", { name: "Add credential" }).click();
  await dialog.waitFor({ state: "hidden" });
  await ada.page.goto(`${server.origin}/settings/credentials`);
  await ada.page.getByText("Connect your first service").waitFor();
  await ask("For the nightly report.");
  await page.goto(`${server.origin}/settings/requests`);
  await page.getByRole("button", { name: "Look: Orders API" }).click();
  await dialog.getByRole("button", { name: "Take it back" }).click();
  await dialog.waitFor({ state: "hidden" });
  await page.getByText("Nothing waits").waitFor();
  await assertAccessible(page, "no requests");
  await assertNothingKept(page, [TOKEN], "after asking");
  assert.deepEqual(faults, []);
});

test("a request is refused with a reason that its asker reads", async () => {
  await ask("For the nightly report, please.");
  const dialog = await openRequest();
  await dialog.getByRole("button", { name: "Refuse" }).click();
  await dialog.getByLabel("Why not").fill("Use the account of the team.");
  await dialog.getByRole("button", { name: "Refuse" }).click();
  await dialog.waitFor({ state: "hidden" });
  const { page } = grace;
  await page.goto(`${server.origin}/settings/requests?show=all`);
  await page.getByRole("row").getByText("Refused").waitFor();
  await page.getByRole("button", { name: "Look: Orders API" }).first().click();
  await page.getByRole("dialog").getByText("Use the account of the team.").waitFor();
  await assertAccessible(page, "a request that was refused");
});

test("a request is approved by keyboard alone, and the credential is the workspace's", async () => {
  await ask("The team has none.");
  const dialog = await openRequest();
  await assertAccessible(ada.page, "a request");
  await shot(ada.page, "scope-request");
  await dialog.getByRole("button", { name: "Approve" }).focus();
  await ada.page.keyboard.press("Enter");
  await dialog.waitFor({ state: "hidden" });
  await ada.page.goto(`${server.origin}/settings/credentials`);
  await ada.page.getByRole("row", { name: /Orders API/ }).getByText("Workspace").waitFor();
  await assertNothingKept(ada.page, [TOKEN], "after approving");
  assert.deepEqual([...ada.faults, ...grace.faults], []);
});

test("whoever gained its use picks it in a node and runs, and the secret goes to its host alone", async () => {
  const { page, faults } = ada;
  const nodes = [
    { id: "s", name: "Start", type: "Start", position: { x: 0, y: 0 } },
    { id: "h", name: "Read the orders", type: "HTTPRequest", parameters: { url: `${service.origin}/orders`, method: "GET" }, position: { x: 330, y: 0 } },
  ];
  const made = await call(page, "POST", "/api/workflows", { name: "Nightly report", nodes, edges: [{ from: "s", to: "h" }] });
  await page.goto(`${server.origin}/workflows/${made.id}`);
  const node = page.locator(".react-flow__node", { hasText: "Read the orders" });
  await node.click();
  await page.getByLabel("Credential", { exact: true }).first().click();
  await page.getByRole("option", { name: "Orders API" }).first().click();
  await page.locator("button[data-state=saved]").waitFor();
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await node.locator("[data-status=success]").first().waitFor();
  const { items } = await call(page, "GET", `/api/executions?workflowId=${made.id}`);
  const run = JSON.stringify(await call(page, "GET", `/api/executions/${items[0].id}`));
  assert.ok(run.includes("cred_"), "the run names the credential");
  assert.ok(!run.includes(TOKEN), "and holds nothing of its secret");
  await assertNothingKept(page, [TOKEN], "after the run");
  assert.deepEqual(faults, []);
});
