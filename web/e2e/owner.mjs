// The person whom most of these tests begin with: the owner, made by the set-up link.

/** A password that the rules take. */
export const PASSWORD = "correct horse battery staple";

/** Goes to a set-up link and makes the owner; ends at the workflows. */
export async function makeOwner(page, setupLink) {
  await page.goto(setupLink);
  await page.getByLabel("Your name").fill("Ada Lovelace");
  await page.getByLabel("Email").fill("ada@example.com");
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByLabel("Name of the first workspace").fill("Analytical Engines");
  await page.getByRole("button", { name: "Create the owner" }).click();
  await page.getByRole("heading", { name: "Workflows", exact: true }).waitFor();
}
