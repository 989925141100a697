// More than one person: each in a window of their own, made by the set-up link or by an invitation.
import { watched } from "./harness.mjs";
import { makeOwner, PASSWORD } from "./owner.mjs";

/** A window of somebody's own. */
export async function opened(browser, address) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 } });
  context.setDefaultTimeout(60_000);
  const { page, faults } = await watched(context);
  await page.goto(address);
  return { context, page, faults };
}

/** The owner of a new installation, in a window of their own. */
export async function owner(browser, server) {
  const ada = await opened(browser, server.origin);
  await makeOwner(ada.page, server.setupLink);
  return ada;
}

/** Somebody whom an admin invites as an editor into the workspace that is open, and who makes an account. */
export async function invited(browser, admin, origin, name, email) {
  const dialog = admin.getByRole("dialog");
  await admin.goto(`${origin}/settings/members?invite=1`);
  await dialog.getByLabel("Email addresses").fill(email);
  await admin.keyboard.press("Enter");
  await dialog.getByRole("button", { name: "Invite", exact: true }).click();
  const link = await dialog.getByLabel(`Link for ${email}`).inputValue();
  await dialog.getByRole("button", { name: "Done" }).click();
  const somebody = await opened(browser, link);
  await somebody.page.getByLabel("Your name").fill(name);
  await somebody.page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await somebody.page.getByRole("button", { name: "Create account" }).click();
  await somebody.page.getByRole("heading", { name: "Workflows", exact: true }).waitFor();
  return somebody;
}

/** Waits for what an act brings about, and shows the password once more where it is asked for first. */
export async function proven(page, outcome) {
  const proof = page.getByRole("dialog", { name: "Is it you?" });
  const password = proof.getByLabel("Password", { exact: true });
  await outcome.or(password).first().waitFor();
  if (!(await password.isVisible())) return;
  await password.fill(PASSWORD);
  await proof.getByRole("button", { name: "Continue" }).click();
  await outcome.waitFor();
}

/** Calls the API as the person who is signed in. */
export async function call(page, method, path, body) {
  return page.evaluate(
    async ([method, path, body]) => {
      const token = /flero-csrf=([^;]+)/.exec(document.cookie)?.[1] ?? "";
      const headers = { "content-type": "application/json", "x-csrf-token": token };
      const answer = await fetch(path, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
      return answer.json().catch(() => null);
    },
    [method, path, body],
  );
}
