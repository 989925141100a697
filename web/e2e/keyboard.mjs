// Going through a page with the keyboard alone: nothing here clicks, and nothing is focused but by the Tab key.
import assert from "node:assert/strict";

const hasFocus = (target) => target.evaluate((element) => element === document.activeElement).catch(() => false);

/** Presses Tab until something has the focus. Whatever takes more than `most` is too far away for anybody. */
export async function tabTo(page, target, most = 90) {
  await target.waitFor();
  for (let pressed = 0; pressed <= most; pressed += 1) {
    if (await hasFocus(target)) return;
    await page.keyboard.press("Tab");
  }
  assert.fail(`not reached by the Tab key: ${target}`);
}

/** Goes to a button or link, and presses it. */
export async function enter(page, target) {
  await tabTo(page, target);
  await page.keyboard.press("Enter");
}

/** Goes to a field and types in place of what is there. */
export async function write(page, target, text) {
  await tabTo(page, target);
  await page.keyboard.press("Control+a");
  await page.keyboard.type(text);
}

/** Opens a menu, and goes down to an entry. */
export async function choose(page, button, entry) {
  await enter(page, button);
  const item = page.getByRole("menuitem", { name: entry, exact: true });
  await item.waitFor();
  for (let pressed = 0; pressed < 20 && !(await hasFocus(item)); pressed += 1) await page.keyboard.press("ArrowDown");
  assert.ok(await hasFocus(item), `the menu leads to ${entry}`);
  await page.keyboard.press("Enter");
}
