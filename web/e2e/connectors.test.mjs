// Connectors in the editor, in a real Chromium against the real program (`flero serve`): an operation is found in the
// palette, its form is filled in, its choices come from the service, a credential is made in place, and it runs; an event
// is waited for, with choices from the service too.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { assertAccessible, assertNothingKept, launch, shot, startServer, watched } from "./harness.mjs";
import { makeOwner } from "./owner.mjs";

const token = "canary-7c40d1be93f2a865";
const boards = { items: [{ id: "b1", title: "Engines" }, { id: "b2", title: "A board whose name is so long that no list has room for all of it" }] };

const cards = { items: [{ id: "k1", title: "Grease the bearings" }] };

let server, browser, context, service, port, calls;

/** A service with a list of boards and a way to add cards to them. */
function startBoards() {
  calls = [];
  service = createServer((request, response) => {
    let body = "";
    request.on("data", (piece) => {
      body += piece;
    });
    request.on("end", () => {
      calls.push({ method: request.method, url: request.url, body });
      const isKnown = request.headers.authorization === `Bearer ${token}`;
      response.writeHead(isKnown ? 200 : 401, { "content-type": "application/json" });
      if (!isKnown) response.end('{"error":"no token"}');
      else if (request.method === "GET") response.end(JSON.stringify(request.url.startsWith("/boards/") ? cards : boards));
      else response.end(JSON.stringify({ id: "c1", ...JSON.parse(body) }));
    });
  });
  return new Promise((resolve) => service.listen(0, "127.0.0.1", () => resolve(service.address().port)));
}

/** The board, which the service itself lists. */
const BOARD = { name: "board", in: "path", required: true, schema: { type: "string" }, description: "The board" };
const CHOICES = { operation: "listBoards", items: "/items", value: "/id", label: "/title" };

/** The service's description. */
const description = () => ({
  openapi: "3.1.0",
  info: { title: "Boards", version: "1", description: "Boards and cards for tests." },
  servers: [{ url: `http://127.0.0.1:${port}` }],
  security: [{ token: [] }],
  components: { securitySchemes: { token: { type: "http", scheme: "bearer" } } },
  paths: {
    "/boards": {
      get: { operationId: "listBoards", summary: "List boards", tags: ["Boards"], responses: { 200: { description: "The boards" } } },
    },
    "/boards/{board}/cards": {
      get: {
        operationId: "listCards",
        summary: "List cards",
        tags: ["Cards"],
        "x-flero-operation": { options: { board: CHOICES } },
        parameters: [BOARD],
        responses: { 200: { description: "The cards" } },
      },
      post: {
        operationId: "addCard",
        summary: "Add a card",
        tags: ["Cards"],
        "x-flero-operation": {
          order: ["board", "title"],
          options: { board: CHOICES },
        },
        parameters: [BOARD],
        requestBody: {
          required: true,
          content: {
            "application/json": {
              schema: {
                type: "object",
                required: ["title"],
                properties: {
                  title: { type: "string", description: "What is to be done" },
                  points: { type: "integer", minimum: 1, maximum: 13, description: "How much it is" },
                  state: { type: "string", enum: ["open", "doing", "done"], description: "How far it is" },
                  urgent: { type: "boolean", description: "Whether it cannot wait" },
                  labels: { type: "array", items: { type: "string" }, description: "Words to find it by" },
                  checklist: { type: "array", items: { type: "object", properties: { text: { type: "string" } } }, description: "Its steps" },
                },
              },
            },
          },
        },
        responses: { 200: { description: "The card" } },
      },
    },
  },
  webhooks: {
    cardAdded: {
      post: {
        summary: "Card added",
        description: "Somebody added a card to a board.",
        "x-flero-trigger": { polling: { operation: "listCards", inputs: { board: "{{board}}" }, items: "/items", id: "/id", cursor: "/id" } },
      },
    },
  },
});

before(async () => {
  port = await startBoards();
  [server, browser] = [await startServer(), await launch()];
  context = await browser.newContext({ viewport: { width: 1440, height: 900 }, bypassCSP: true });
  context.setDefaultTimeout(60_000);
  const { page } = await watched(context);
  await makeOwner(page, server.setupLink);
  const imported = await call(page, "POST", "/api/connectors/import", description());
  assert.equal(imported.status, 201, JSON.stringify(imported.body));
  await page.close();
});
after(async () => {
  await browser?.close();
  service?.close();
  await server?.stop();
});

/** Calls the API as the page does. */
const call = (page, method, path, body) =>
  page.evaluate(
    async ([method, path, body]) => {
      const csrf = document.cookie.split("; ").find((pair) => pair.startsWith("flero-csrf="))?.slice(11) ?? "";
      const headers = { "content-type": "application/json", "x-csrf-token": csrf };
      const response = await fetch(path, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
      return { status: response.status, body: await response.json() };
    },
    [method, path, body],
  );

const field = (page, name) => page.getByRole("textbox", { name, exact: true });
const saved = (page) => page.locator("button[data-state=saved]").waitFor();

test("an operation is found, filled in, given a credential in place, and run", async () => {
  const { page, faults } = await watched(context);
  await page.goto(`${server.origin}/workflows`);
  await page.getByRole("button", { name: "New workflow" }).first().click();
  await page.locator(".react-flow__node", { hasText: "Start" }).click();
  const search = page.getByRole("combobox", { name: "Search nodes" });
  await search.fill("add card");
  await page.getByRole("option", { name: /Add a card/ }).waitFor();
  await assertAccessible(page, "the palette with operations");
  await search.press("Enter");

  const node = page.locator(".react-flow__node", { hasText: "Add a card" });
  await node.waitFor();
  await page.getByText("Give a value for “title”.").waitFor();
  await field(page, "Title").fill("Oil the gears");
  await page.getByRole("button", { name: /Show \d+ more/ }).click();
  await page.getByRole("textbox", { name: "Points" }).fill("40");
  await page.getByText("Give a whole number from 1 to 13.").waitFor();
  await page.getByRole("textbox", { name: "Points" }).fill("8");
  await page.getByRole("combobox", { name: "State" }).click();
  await page.getByRole("option", { name: "doing" }).click();
  await page.getByRole("radiogroup", { name: "Urgent" }).getByText("Yes").click();
  await page.getByRole("button", { name: "Expression for Labels" }).click();
  await field(page, "Labels").fill('{{ ["brass", $workflow.name] }}');
  await assertAccessible(page, "the form of an operation");
  await shot(page, "editor-operation");

  await page.getByRole("button", { name: "New credential" }).click();
  const dialog = page.getByRole("dialog", { name: /Add credential/ });
  await dialog.getByLabel("Name", { exact: true }).fill("Our boards");
  await dialog.getByLabel("Token", { exact: true }).fill(token);
  await dialog.getByRole("button", { name: "Add credential" }).click();
  await dialog.waitFor({ state: "detached" });
  assert.equal(await page.getByRole("combobox", { name: "Credential" }).inputValue(), "Our boards");
  await assertNothingKept(page, [token], "after making a credential in the editor");

  await page.getByRole("combobox", { name: "Board" }).click();
  await page.getByRole("option", { name: /Engines/ }).waitFor();
  await assertAccessible(page, "the choices that a service lists");
  await page.getByRole("option", { name: /Engines/ }).click();
  assert.equal(calls.at(-1)?.url, "/boards");
  await saved(page);
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await node.locator("[data-status=success]").first().waitFor();
  const { url, body } = calls.at(-1);
  assert.equal(url, "/boards/b1/cards");
  const sent = JSON.parse(body);
  assert.deepEqual([sent.title, sent.points, sent.state, sent.urgent], ["Oil the gears", 8, "doing", true]);
  assert.equal(sent.labels[0], "brass");
  assert.deepEqual(faults, []);
  await page.close();
});

test("an event is waited for, with choices that its service lists by the credential of the node", async () => {
  const { page, faults } = await watched(context);
  await page.goto(`${server.origin}/workflows`);
  await page.getByRole("button", { name: "New workflow" }).first().click();
  await page.locator(".react-flow__node", { hasText: "Start" }).waitFor();
  await page.keyboard.press("/");
  await page.keyboard.type("card added");
  await page.getByRole("option", { name: /Card added/ }).waitFor();
  await page.keyboard.press("Enter");
  const board = page.getByRole("combobox", { name: "Board" });
  await board.click();
  await page.getByRole("listbox", { name: "Board" }).getByText("Choose a credential, and the choices are listed here.").waitFor();
  await page.keyboard.press("Escape");
  // By keyboard alone from here on: the credential, then the board that the service lists with it.
  await page.getByRole("combobox", { name: "Credential" }).focus();
  await page.keyboard.press("ArrowDown");
  await page.getByRole("option", { name: /Our boards/ }).waitFor();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await board.focus();
  await page.keyboard.press("ArrowDown");
  await page.getByRole("option", { name: /Engines/ }).waitFor();
  assert.equal(calls.at(-1)?.url, "/boards");
  await page.keyboard.type("engi");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  assert.equal(await board.inputValue(), "Engines");
  await assertAccessible(page, "an event with choices");
  await shot(page, "editor-event-choices");
  await saved(page);
  await page.getByRole("button", { name: /^Status: draft/ }).click();
  await page.getByRole("menuitem", { name: /^Activate/ }).click();
  await page.getByRole("region", { name: "Subscription" }).getByText("Asking").waitFor();
  assert.ok(calls.some(({ url }) => url === "/boards/b1/cards"), "the service is asked for the cards of the chosen board");
  const { body } = await call(page, "GET", `/api${new URL(page.url()).pathname}`);
  assert.deepEqual(body.nodes.find(({ type }) => type === "ConnectorTrigger").parameters.inputs, { board: "b1" });
  await assertNothingKept(page, [token], "after waiting for an event");
  assert.deepEqual(faults, []);
  await page.close();
});
