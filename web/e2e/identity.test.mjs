// Signing in at the certified OpenID provider: the owner sets it up, links an identity, signs out and comes back with
// it; the directory's key is shown once. What was typed stays nowhere.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertAccessible, assertNothingKept, launch, shot, startServer, watched } from "./harness.mjs";
import { CLIENT, startOidc } from "./oidc.mjs";
import { makeOwner, PASSWORD } from "./owner.mjs";
import { proven } from "./people.mjs";

let server, provider, browser, context;

before(async () => {
  [server, browser] = await Promise.all([startServer(), launch()]);
  provider = await startOidc(`${server.origin}/api/auth/openid/`);
  context = await browser.newContext({ viewport: { width: 1280, height: 860 } });
  context.setDefaultTimeout(60_000);
  const { page } = await watched(context);
  await makeOwner(page, server.setupLink);
  await page.close();
});

after(async () => {
  await browser?.close();
  provider?.stop();
  await server?.stop();
});

/** Signs in at the provider's page, and allows what is asked for. */
async function signInThere(page) {
  await page.locator("input[name=login]").fill("ada");
  await page.locator("input[name=password]").fill("anything");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: /continue/i }).click();
}

/** Answers an act with the demand for a proof, as the server does some minutes later, and gives the proof at the provider. */
async function signInAnew(page, act) {
  const problem = { type: "about:blank", title: "Show that it is you", status: 403, code: "step_up_required", detail: "Show once more that it is you.", requestId: "req_1" };
  const answer = { status: 403, contentType: "application/problem+json", body: JSON.stringify(problem) };
  await page.route("**/api/me/identities/*", (route) => route.fulfill(answer), { times: 1 });
  await act();
  const again = page.getByRole("button", { name: "Sign in again with Example ID" });
  await again.waitFor();
  await assertAccessible(page, "a proof at the provider");
  await shot(page, "proof-at-provider");
  await again.click();
  await page.locator("input[name=login]").fill("ada");
  await page.locator("input[name=password]").fill("anything");
  await page.keyboard.press("Enter");
  const back = page.getByRole("heading", { name: "Security", exact: true });
  const more = page.getByRole("button", { name: /continue/i });
  await back.or(more).first().waitFor();
  if (await more.isVisible()) await more.click();
  await back.waitFor();
}

test("the owner sets a provider up, and its secret stays nowhere", async () => {
  const { page, faults } = await watched(context);
  const dialog = page.getByRole("dialog");
  await page.goto(`${server.origin}/settings/organization`);
  await page.getByRole("button", { name: "Add a provider" }).click();
  await dialog.getByLabel("Name", { exact: true }).fill("Example ID");
  await dialog.getByLabel("Issuer").fill(provider.origin);
  await dialog.getByLabel("Client ID").fill(CLIENT.id);
  await dialog.getByLabel("Client secret", { exact: true }).fill(CLIENT.secret);
  await assertAccessible(page, "adding a provider");
  await shot(page, "identity-provider");
  await dialog.getByRole("button", { name: "Add", exact: true }).click();
  const uri = dialog.getByLabel("Redirect URI");
  await uri.waitFor();
  assert.match(await uri.inputValue(), /\/api\/auth\/openid\/.+\/callback$/);
  await dialog.getByRole("button", { name: "Done" }).click();
  await page.getByRole("region", { name: "Sign-in providers" }).getByText("Example ID").waitFor();
  await assertAccessible(page, "organization with a provider");
  await shot(page, "identity-providers");
  await page.getByRole("button", { name: "Edit Example ID" }).click();
  assert.equal(await dialog.getByLabel("Client secret", { exact: true }).inputValue(), "");
  await page.keyboard.press("Escape");
  await assertNothingKept(page, [CLIENT.secret], "after setting the provider up");
  assert.deepEqual(faults, []);
  await page.close();
});

test("an identity that nobody linked is told what to do", async () => {
  const stranger = await browser.newContext();
  stranger.setDefaultTimeout(60_000);
  const { page, faults } = await watched(stranger);
  await page.goto(`${server.origin}/login`);
  await page.getByRole("button", { name: "Continue with Example ID" }).click();
  await signInThere(page);
  await page.getByText("No account here belongs to that identity").waitFor();
  await assertAccessible(page, "signing in with a provider");
  await shot(page, "sign-in-provider");
  assert.deepEqual(faults, []);
  await stranger.close();
});

test("an identity is linked, signs in, and is unlinked", async () => {
  const { page, faults } = await watched(context);
  const dialog = page.getByRole("dialog");
  await page.goto(`${server.origin}/settings/security`);
  await page.getByRole("button", { name: "Link an identity" }).click();
  await page.getByRole("menuitem", { name: "Example ID" }).click();
  await signInThere(page);
  await page.getByRole("region", { name: "Identities" }).getByText("Example ID").waitFor();
  await assertAccessible(page, "identities");
  await page.getByRole("button", { name: /ada@example.com/ }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await page.getByRole("heading", { name: "Sign in to Flero" }).waitFor();
  await page.goto(`${server.origin}/login?next=/settings/security`);
  await page.getByRole("button", { name: "Continue with Example ID" }).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Security", exact: true }).waitFor();
  await signInAnew(page, async () => {
    await page.getByRole("button", { name: "Unlink Example ID" }).click();
    await dialog.getByRole("button", { name: "Unlink", exact: true }).click();
  });
  await page.getByRole("button", { name: "Unlink Example ID" }).click();
  await dialog.getByRole("button", { name: "Unlink", exact: true }).click();
  await proven(page, page.getByText("You can no longer sign in with that identity."));
  await page.getByRole("button", { name: "Link an identity" }).waitFor();
  assert.deepEqual(faults, []);
  await page.close();
});

test("the directory's key is shown once, and groups are given roles", async () => {
  const { page, faults } = await watched(context);
  const dialog = page.getByRole("dialog");
  await page.goto(`${server.origin}/settings/organization`);
  await page.getByRole("button", { name: "Make a SCIM key" }).click();
  await dialog.getByRole("button", { name: "Make", exact: true }).click();
  const shown = page.getByLabel("SCIM key", { exact: true });
  await proven(page, shown);
  const key = await shown.inputValue();
  assert.match(key, /^flero_/);
  await page.getByRole("button", { name: "I have copied it" }).click();
  await dialog.waitFor({ state: "hidden" });
  await assertNothingKept(page, [key], "after the key was shown");
  await page.getByRole("button", { name: "Give a group a role" }).click();
  await page.getByLabel("Group 1", { exact: true }).fill("Engineering");
  await page.getByRole("region", { name: "Directory" }).or(page.locator("section", { hasText: "Give a group a role" })).last().getByRole("button", { name: "Save", exact: true }).click();
  await proven(page, page.getByText("It applies from the next sign-in"));
  await assertAccessible(page, "groups");
  assert.deepEqual(faults, []);
  await page.close();
});
