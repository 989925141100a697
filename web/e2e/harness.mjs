// What the browser tests share: a server of their own, a browser, accessibility and what must not be left behind.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { createServer as createSocket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";

export const program = process.env.FLERO_BIN ?? `${process.env.CARGO_TARGET_DIR ?? "../../target"}/debug/flero`;
const images = process.env.FLERO_IMAGES;
const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

export const launch = () => chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: flags });

/** A port that is free now. */
export async function freePort() {
  const socket = createSocket().listen(0, "127.0.0.1");
  await new Promise((resolve) => socket.once("listening", resolve));
  const { port } = socket.address();
  await new Promise((resolve) => socket.close(resolve));
  return port;
}

/** Starts the program in a temporary folder, with these settings besides; the first line that fits is what it told. */
async function start(settings, fits, prepare = () => {}) {
  const folder = await mkdtemp(join(tmpdir(), "flero-e2e-"));
  const port = await freePort();
  const env = {
    ...process.env,
    FLERO_DATA_DIR: join(folder, "data"),
    FLERO_KEY_FILE: join(folder, "keys", "root.key"),
    FLERO_LISTEN: `127.0.0.1:${port}`,
    FLERO_EGRESS_ALLOW: "127.0.0.1",
    FLERO_LOG: "warn",
    ...settings,
  };
  const prepared = prepare(env);
  const server = spawn(program, ["serve"], { stdio: ["ignore", "pipe", "inherit"], env });
  const lines = createInterface({ input: server.stdout });
  const told = await new Promise((resolve, reject) => {
    lines.on("line", (line) => fits(line) && resolve(line.trim()));
    server.once("exit", (code) => reject(new Error(`the server ended with ${code}`)));
  });
  const stop = async () => {
    server.kill("SIGTERM");
    await new Promise((resolve) => server.once("exit", resolve));
    await rm(folder, { recursive: true, force: true });
  };
  return { origin: `http://127.0.0.1:${port}`, told, prepared, stop };
}

/** A new installation: its origin, and the set-up link that it prints. */
export async function startServer(settings = {}) {
  const { origin, told, stop } = await start(settings, (line) => line.includes("#setup="));
  return { origin, setupLink: told, stop };
}

/** A new installation whose owner was made on the command line: its origin, and a key of the owner. */
export async function startOwned(settings = {}) {
  const owner = ["bootstrap", "--email", "owner@example.com", "--name", "Owner", "--workspace", "Demo", "--password-stdin"];
  const bootstrap = (env) =>
    JSON.parse(execFileSync(program, owner, { env, input: "a long enough pass phrase", stdio: ["pipe", "pipe", "inherit"] })).apiKey;
  const { origin, prepared, stop } = await start(settings, () => true, bootstrap);
  return { origin, key: prepared, stop };
}

/** A service that takes the tokens of a list. */
export async function startService(tokens) {
  const service = createServer((request, response) => {
    const isKnown = tokens.some((token) => request.headers.authorization === `Bearer ${token}`);
    response.writeHead(isKnown ? 200 : 401, { "content-type": "application/json" });
    response.end(JSON.stringify({ ok: isKnown }));
  });
  service.listen(0, "127.0.0.1");
  await new Promise((resolve) => service.once("listening", resolve));
  return { origin: `http://127.0.0.1:${service.address().port}`, stop: () => service.close() };
}

/** A page whose faults, and what its policy refused, are collected. */
export async function watched(context) {
  const page = await context.newPage();
  const faults = [];
  page.on("pageerror", (error) => faults.push(String(error)));
  page.on("console", (message) => message.text().includes("Content Security Policy") && faults.push(message.text()));
  return { page, faults };
}

/** Waits until nothing moves: what is still fading in has less contrast than it will have. */
async function settled(page) {
  await page.evaluate(async () => {
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    const moving = () => document.getAnimations().filter((each) => each.effect?.getComputedTiming().endTime !== Number.POSITIVE_INFINITY);
    for (let still = 0; still < 3; still = moving().length === 0 ? still + 1 : 0) {
      await Promise.all(moving().map((each) => each.finished.catch(() => {})));
      await frame();
    }
  });
}

/**
 * No violation that axe knows. Its script is added in a way that needs no other policy. A message that closes
 * itself may begin to fade while axe reads, so messages stand still until it has read.
 */
export async function assertAccessible(page, where) {
  await settled(page);
  // Reading half a megabyte of script takes as long as running it: once is enough for a document.
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(axe);
  const result = await page.evaluate(async () => {
    const still = new CSSStyleSheet();
    still.replaceSync(".mantine-Notification-root { opacity: 1 !important; transform: none !important; transition: none !important; }");
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, still];
    const found = await globalThis.axe.run(document, { resultTypes: ["violations"] });
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((each) => each !== still);
    return found;
  });
  const told = result.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ").slice(0, 300)}`);
  assert.deepEqual(told, [], where);
}

/** Types into the palette as soon as it takes letters. */
export async function search(page, text) {
  await page.keyboard.press("Control+k");
  await page.locator("input[aria-label=Search]:focus").waitFor();
  await page.keyboard.type(text);
}

/** Pictures of the page in both colour schemes, `name-light.png` and `name-dark.png`, where a folder for them is named. */
export async function shot(page, name) {
  if (!images) return;
  await mkdir(images, { recursive: true });
  const before = await page.evaluate(() => (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light"));
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    await settled(page);
    await page.screenshot({ path: `${images}/${name}-${colorScheme}.png` });
  }
  await page.emulateMedia({ colorScheme: before });
}

/** Everything that a page keeps: elements and their values, storage, databases, caches, history. */
async function kept(page) {
  return page.evaluate(async () => {
    const values = [...document.querySelectorAll("input, textarea, select")].map((element) => element.value);
    const databases = await indexedDB.databases();
    const cached = [];
    for (const name of await caches.keys()) {
      const cache = await caches.open(name);
      for (const request of await cache.keys()) cached.push(request.url, await (await cache.match(request)).text());
    }
    const parts = [document.documentElement.outerHTML, values, { ...localStorage }, { ...sessionStorage }, databases, cached, history.state, location.href, document.cookie];
    return JSON.stringify(parts);
  });
}

/** None of the secrets is in what the page keeps, in any of the usual encodings. */
export async function assertNothingKept(page, secrets, where) {
  const text = await kept(page);
  for (const secret of secrets) {
    const forms = [secret, encodeURIComponent(secret), btoa(secret).replaceAll("=", ""), Buffer.from(secret).toString("hex")];
    for (const form of forms) assert.ok(!text.includes(form), `${where}: a secret is left behind`);
  }
}
