// What a screen shows while it loads, and when it could not be loaded: a way to try again, within its width, in both
// colour schemes and on a phone. The calls are held back and failed in the browser; the server is the real one.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertAccessible, launch, shot, startServer, watched } from "./harness.mjs";
import { makeOwner } from "./owner.mjs";

/** The screens that list something: address, the call that brings the list, what stands there when it failed. */
const LISTS = [
  ["settings/credentials", "/api/credentials?", "The credentials could not be listed"],
  ["settings/credentials?tab=keys", "/api/api-keys", "The keys could not be listed"],
  ["settings/requests", "/api/scope-requests?", "The requests could not be listed"],
  ["settings/members", "/api/members", "The members could not be listed"],
  ["settings/oauth-apps", "/api/oauth-apps", "The OAuth apps could not be listed"],
  ["settings/notifications", "/api/me/notifications/settings", "Your choices could not be read"],
  ["settings/notifications", "/api/notifications/webhooks", "The webhooks could not be listed"],
  ["settings/organization", "/api/organization/policies", "The policies could not be read"],
  ["settings/organization", "/api/organization/members", "The people could not be listed"],
  ["settings/organization", "/api/organization/identity-providers", "The providers could not be listed"],
  ["settings/organization", "/api/organization/group-roles", "What groups are given could not be read"],
  ["settings/audit", "/api/audit", "The audit log could not be read"],
  ["settings/vault", "/api/vault", "The vault could not be read"],
  ["catalog", "/api/connectors", "The catalog could not be read"],
  ["marketplace", "/api/marketplace/packages", "The Marketplace could not be read"],
  ["marketplace/registries", "/api/marketplace/registries", "The registries could not be read"],
  ["workflows", "/api/workflows", "The workflows could not be listed"],
];

// A refusal that is not tried again by itself, so that the test need not wait for that.
const PROBLEM = JSON.stringify({ type: "about:blank", title: "That did not work", status: 429, code: "rate_limited", detail: "Too many requests at once. Try again in a moment.", requestId: "req_1" });

let server, browser, context;

before(async () => {
  [server, browser] = await Promise.all([startServer(), launch()]);
  context = await browser.newContext({ viewport: { width: 1280, height: 860 } });
  context.setDefaultTimeout(60_000);
  const { page } = await watched(context);
  await makeOwner(page, server.setupLink);
  await page.close();
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

for (const [colorScheme, width] of [["light", 1280], ["dark", 390]]) {
  test(`every list says that it loads, that it failed, and comes by itself when it is tried again (${colorScheme}, ${width})`, async () => {
    const own = await browser.newContext({ storageState: await context.storageState(), colorScheme, viewport: { width, height: 800 } });
    own.setDefaultTimeout(60_000);
    for (const [path, call, failed] of LISTS) {
      const { page, faults } = await watched(own);
      let letGo;
      const held = new Promise((resolve) => {
        letGo = resolve;
      });
      let isBroken = true;
      const isMeant = (url) => (url.pathname + url.search).startsWith(call);
      await page.route(isMeant, async (route) => {
        await held;
        if (isBroken) await route.fulfill({ status: 429, contentType: "application/problem+json", body: PROBLEM });
        else await route.continue();
      });
      await page.goto(`${server.origin}/${path}`);
      await page.getByRole("heading", { level: 1 }).waitFor();
      await page.getByRole("main").getByRole("status", { name: "Loading" }).first().waitFor();
      const name = `${path}-${call}`.replaceAll(/\W+/g, "-");
      await assertAccessible(page, `${path} while it loads`);
      await shot(page, `loading-${name}-${width}`);
      letGo();
      const words = page.getByText(failed, { exact: true }).first();
      await words.waitFor();
      await words.scrollIntoViewIfNeeded();
      await assertAccessible(page, `${path} that failed`);
      const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      assert.equal(over, 0, path);
      await shot(page, `failed-${name}-${width}`);
      isBroken = false;
      await page.getByRole("button", { name: "Try again" }).first().focus();
      await page.keyboard.press("Enter");
      await words.waitFor({ state: "detached" });
      assert.deepEqual(faults, [], path);
      await page.close();
    }
    await own.close();
  });
}
