// The journeys of a user by keyboard alone, with the traffic recorded: set-up, a credential that is used and rotated
// without a workflow noticing, an API key, a package of the Marketplace, an authenticator app and a passkey. At the end
// no secret is in what came back, in an address or in a header.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { assertNothingKept, launch, startServer, watched } from "./harness.mjs";
import { assertCleanTraffic, recorded } from "./har.mjs";
import { choose, enter, tabTo, write } from "./keyboard.mjs";
import { codeOf, stepAt } from "./totp.mjs";

const PASSWORD = "correct horse battery staple";
const [FIRST, SECOND] = ["canary-keyboard-1f7c90aa52", "canary-keyboard-88d2e1b04f"];

let server, service, browser, recording, context, origin, accepted;
/** What no page and no answer may hold, found out on the way. */
const secrets = [PASSWORD, FIRST, SECOND];
/** What is shown once, in the answer that made it. */
const shownOnce = [];

/** A service that takes one token at a time and echoes it, as careless services do. */
async function startEcho() {
  accepted = FIRST;
  service = createServer((request, response) => {
    const { authorization = "" } = request.headers;
    response.writeHead(authorization === `Bearer ${accepted}` ? 200 : 401, { "content-type": "application/json" });
    response.end(JSON.stringify({ echo: authorization, total: 3 }));
  });
  await new Promise((resolve) => service.listen(0, "127.0.0.1", resolve));
}

const serviceOrigin = () => `http://127.0.0.1:${service.address().port}`;

before(async () => {
  [server, browser] = await Promise.all([startServer(), launch(), startEcho()]);
  // Passkeys belong to a name.
  origin = server.origin.replace("127.0.0.1", "localhost");
  recording = await recorded(browser);
  context = recording.context;
});

after(async () => {
  await browser?.close();
  service?.close();
  await server?.stop();
});

/** A page of its own for a journey, with its faults and what it leaves behind looked at in the end. */
async function journey(path, steps) {
  const { page, faults } = await watched(context);
  await page.goto(`${origin}${path}`);
  await steps(page, page.getByRole("dialog"));
  await assertNothingKept(page, secrets, path);
  assert.deepEqual(faults, []);
  await page.close();
}

const node = (page, name) => page.locator(".react-flow__node", { hasText: name });
const succeeded = (page, name) => node(page, name).locator("[data-status=success]").first().waitFor();

test("the owner is made", async () => {
  const { pathname, hash } = new URL(server.setupLink);
  secrets.push(new URLSearchParams(hash.slice(1)).get("setup"));
  await journey(`${pathname}${hash}`, async (page) => {
    await write(page, page.getByLabel("Your name"), "Ada Lovelace");
    await write(page, page.getByLabel("Email"), "ada@example.com");
    await write(page, page.getByLabel("Password", { exact: true }), PASSWORD);
    await write(page, page.getByLabel("Name of the first workspace"), "Analytical Engines");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Workflows", exact: true }).waitFor();
  });
});

test("a credential is added and tested", async () => {
  await journey("/settings/credentials", async (page, dialog) => {
    await enter(page, page.getByRole("button", { name: "Add credential" }).first());
    await write(page, dialog.getByLabel("Search services"), "any http");
    await dialog.getByRole("option", { name: /Any HTTP service/ }).waitFor();
    await page.keyboard.press("Enter");
    await write(page, dialog.getByLabel("Name", { exact: true }), "Echo API");
    await write(page, dialog.getByLabel("Token", { exact: true }), FIRST);
    await write(page, dialog.getByLabel("Allowed hosts"), serviceOrigin());
    await page.keyboard.press("Enter");
    await write(page, dialog.getByLabel("Test address"), `${serviceOrigin()}/me`);
    await enter(page, dialog.getByRole("button", { name: "Test connection" }));
    await dialog.getByText("The service accepted it").waitFor();
    await enter(page, dialog.getByRole("button", { name: "Add credential" }));
    await dialog.waitFor({ state: "hidden" });
    await page.getByRole("button", { name: "Echo API", exact: true }).waitFor();
  });
});

let workflow;

test("a workflow is built with it, run, and its execution looked at", async () => {
  await journey("/workflows", async (page) => {
    await enter(page, page.getByRole("button", { name: "New workflow" }).first());
    await node(page, "Start").waitFor();
    await tabTo(page, node(page, "Start"));
    await page.keyboard.press("Space");
    await page.keyboard.press("/");
    await page.keyboard.type("http req");
    await page.keyboard.press("Enter");
    await node(page, "HTTP Request").waitFor();
    await page.waitForFunction(() => document.activeElement?.classList.contains("react-flow__node"));
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => document.activeElement?.getAttribute("aria-label") === "Name of the node");
    await write(page, page.getByRole("textbox", { name: "URL" }), `${serviceOrigin()}/orders`);
    await tabTo(page, page.getByLabel("Credential", { exact: true }).first());
    await page.keyboard.press("ArrowDown");
    await page.getByRole("option", { name: /Echo API/ }).first().waitFor();
    await page.keyboard.type("echo");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.locator("button[data-state=saved]").waitFor();
    await page.keyboard.press("Control+Enter");
    await succeeded(page, "HTTP Request");
    workflow = new URL(page.url()).pathname;
    await page.goto(`${origin}/logs`);
    await enter(page, page.getByRole("table").getByRole("link").first());
    const timeline = page.getByRole("list", { name: "Timeline" });
    await timeline.waitFor();
    await enter(page, timeline.getByRole("button").nth(1));
    await page.getByText("Echo API").first().waitFor();
    await page.getByText("[REDACTED]").first().waitFor();
  });
});

test("the credential is rotated, and the workflow runs on without a change", async () => {
  const versions = async (page) => (await (await page.request.get(`${origin}/api${workflow}`)).json()).version;
  await journey("/settings/credentials", async (page, dialog) => {
    const before = await versions(page);
    await choose(page, page.getByRole("button", { name: "Actions for Echo API" }), "Rotate");
    accepted = SECOND;
    await write(page, dialog.getByLabel("Token", { exact: true }), SECOND);
    await enter(page, dialog.getByRole("button", { name: "Test and rotate" }));
    await dialog.waitFor({ state: "hidden" });
    await page.goto(`${origin}${workflow}`);
    await node(page, "HTTP Request").waitFor();
    await page.keyboard.press("Control+Enter");
    await succeeded(page, "HTTP Request");
    assert.equal(await versions(page), before, "no version of the workflow came of it");
  });
});

test("an API key is made, shown once and revoked", async () => {
  await journey("/settings/credentials?tab=keys", async (page, dialog) => {
    await enter(page, page.getByRole("button", { name: "Generate new API key" }).first());
    await write(page, dialog.getByLabel("Name", { exact: true }), "Deploy script");
    await enter(page, dialog.getByRole("button", { name: "Generate" }));
    shownOnce.push(await dialog.getByLabel("API key").inputValue());
    await enter(page, dialog.getByRole("button", { name: "I have copied it" }));
    await dialog.waitFor({ state: "hidden" });
    await assertNothingKept(page, shownOnce, "after the key was shown");
    await enter(page, page.getByRole("button", { name: "Revoke Deploy script" }));
    await enter(page, dialog.getByRole("button", { name: "Revoke" }));
    await page.getByRole("row").getByText("Revoked").waitFor();
  });
});

test("a package of the Marketplace is agreed to and installed", async () => {
  await journey("/marketplace", async (page) => {
    await write(page, page.getByLabel("Search packages"), "hacker");
    await page.getByText("1 package", { exact: true }).waitFor();
    await enter(page, page.getByRole("list", { name: "Packages" }).getByRole("link", { name: /Hacker News/ }));
    await enter(page, page.getByRole("button", { name: "Install", exact: true }));
    const dialog = page.getByRole("dialog", { name: "Install Hacker News" });
    await tabTo(page, dialog.getByRole("checkbox"));
    await page.keyboard.press("Space");
    await enter(page, dialog.getByRole("button", { name: "Install", exact: true }));
    const done = page.getByRole("dialog", { name: "Hacker News is installed" });
    await enter(page, done.getByRole("link", { name: "Open in catalog" }));
    await page.waitForURL(/\/catalog\/hacker-news$/);
  });
});

test("an authenticator app and a passkey are set up", async () => {
  await journey("/settings/security", async (page, dialog) => {
    const session = await context.newCDPSession(page);
    await session.send("WebAuthn.enable");
    const device = { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true };
    await session.send("WebAuthn.addVirtualAuthenticator", { options: device });
    await enter(page, page.getByRole("button", { name: "Set up", exact: true }));
    const key = dialog.getByLabel("Key for the authenticator app");
    await key.waitFor();
    const secret = (await key.inputValue()).replace(/\s/g, "");
    shownOnce.push(secret);
    await tabTo(page, dialog.getByLabel(/six digits/));
    await page.keyboard.type(codeOf(secret, stepAt()));
    await page.keyboard.press("Enter");
    const list = dialog.getByRole("list", { name: "Recovery codes" });
    await list.waitFor();
    shownOnce.push(...(await list.getByRole("listitem").allTextContents()));
    await tabTo(page, dialog.getByLabel("I have kept these codes"));
    await page.keyboard.press("Space");
    await enter(page, dialog.getByRole("button", { name: "Done" }));
    await dialog.waitFor({ state: "hidden" });
    await enter(page, page.getByRole("button", { name: "Add a passkey" }));
    await write(page, dialog.getByLabel("Name", { exact: true }), "Laptop");
    await page.keyboard.press("Enter");
    await page.getByRole("cell", { name: "Laptop", exact: true }).waitFor();
    await assertNothingKept(page, shownOnce, "after both were set up");
  });
});

test("no secret is in the traffic but where it was typed in", async () => {
  const entries = await recording.finish();
  const typedIn = ["/api/auth/register", "/api/credentials", "/api/credentials/test", "/api/auth/step-up"];
  assertCleanTraffic(entries, origin, secrets, (path) => typedIn.includes(path) || path.endsWith("/rotate"));
  for (const secret of shownOnce) {
    const answers = entries.filter(({ response }) => (response.content.text ?? "").includes(secret));
    assert.ok(answers.length <= 1, "what is shown once came once");
  }
});
