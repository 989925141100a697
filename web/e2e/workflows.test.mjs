// The list of workflows: imported, duplicated, put away, brought back and deleted, with filters in the address.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertAccessible, launch, shot, startServer, watched } from "./harness.mjs";
import { makeOwner } from "./owner.mjs";

const FILE = {
  name: "Orders to Slack",
  nodes: [
    { id: "start", name: "Start", type: "Start" },
    { id: "call", name: "Look up", type: "HTTPRequest", credentialId: "cred_01m82vtwcretetn5beh5wm46ep", parameters: { url: "https://api.example.com/orders" } },
  ],
  edges: [{ from: "start", to: "call" }],
};

let server, browser, page, faults;

before(async () => {
  [server, browser] = await Promise.all([startServer(), launch()]);
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  context.setDefaultTimeout(60_000);
  ({ page, faults } = await watched(context));
  await makeOwner(page, server.setupLink);
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

const row = (name) => page.getByRole("row").filter({ has: page.getByRole("link", { name, exact: true }) });
const choose = async (name, act) => {
  await page.getByRole("button", { name: `Actions for ${name}`, exact: true }).click();
  await page.getByRole("menuitem", { name: act }).click();
};

test("a file becomes a draft, without the credentials of elsewhere", async () => {
  await page.getByRole("button", { name: "Import" }).click();
  const dialog = page.getByRole("dialog", { name: "Import a workflow" });
  await dialog.getByLabel("Or paste its text").fill("{");
  await dialog.getByRole("button", { name: "Import" }).click();
  await dialog.getByText("This is not JSON").waitFor();
  await assertAccessible(page, "import");
  await dialog.getByLabel("Or paste its text").fill(JSON.stringify(FILE));
  await shot(page, "workflow-import");
  await dialog.getByRole("button", { name: "Import" }).click();
  await page.waitForURL(/\/workflows\/wf_/);
  await page.getByText("Choose others for Look up.").waitFor();
  await page.locator(".react-flow__node", { hasText: "Look up" }).waitFor();
});

test("a workflow is duplicated, put away, brought back and deleted", async () => {
  await page.goto(`${server.origin}/workflows`);
  await choose("Orders to Slack", "Duplicate");
  await page.waitForURL(/\/workflows\/wf_/);
  await page.goto(`${server.origin}/workflows`);
  await row("Copy of Orders to Slack").waitFor();
  await assertAccessible(page, "list of workflows");
  await page.getByRole("button", { name: "Actions for Copy of Orders to Slack" }).click();
  await page.getByRole("menuitem", { name: "Archive" }).waitFor();
  await shot(page, "workflows");
  await page.getByRole("menuitem", { name: "Archive" }).click();
  await row("Copy of Orders to Slack").waitFor({ state: "detached" });
  await page.goto(`${server.origin}/workflows?status=archived`);
  await choose("Copy of Orders to Slack", "Restore");
  await row("Copy of Orders to Slack").waitFor({ state: "detached" });
  await page.goto(`${server.origin}/workflows?q=copy`);
  await page.getByText("1 workflow", { exact: true }).waitFor();
  assert.equal(await page.getByLabel("Search workflows").inputValue(), "copy");
  await choose("Copy of Orders to Slack", "Delete");
  const dialog = page.getByRole("dialog", { name: "Delete Copy of Orders to Slack?" });
  await assertAccessible(page, "deleting a workflow");
  await dialog.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("heading", { name: "Nothing matches" }).waitFor();
  assert.deepEqual(faults, []);
});

test("a saved file holds the document and can be imported again", async () => {
  await page.goto(`${server.origin}/workflows`);
  const [download] = await Promise.all([page.waitForEvent("download"), choose("Orders to Slack", "Save as a file")]);
  assert.equal(download.suggestedFilename(), "orders-to-slack.json");
  const path = await download.path();
  await page.getByRole("button", { name: "Import" }).click();
  await page.locator("input[type=file]").setInputFiles(path);
  const dialog = page.getByRole("dialog", { name: "Import a workflow" });
  await page.waitForFunction(() => document.querySelector("[role=dialog] textarea")?.value.includes("Look up"));
  await dialog.getByRole("button", { name: "Import" }).click();
  await page.waitForURL(/\/workflows\/wf_/);
  assert.deepEqual(faults, []);
});
