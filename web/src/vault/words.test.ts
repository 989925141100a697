import { expect, it } from "vitest";
import { isAlive, moved, providerWords, versionState } from "./words.ts";

it("says how far a rotation is while there is one", () => {
  expect(moved([{ state: "active", secrets: 12 }])).toBeUndefined();
  expect(
    moved([
      { state: "decrypt", secrets: 25 },
      { state: "active", secrets: 75 },
    ]),
  ).toBe(0.75);
  expect(
    moved([
      { state: "decrypt", secrets: 0 },
      { state: "active", secrets: 75 },
    ]),
  ).toBeUndefined();
});

it("has words for what there is, and shows what is new by its name", () => {
  expect(providerWords("file")[0]).toBe("Key file");
  expect(providerWords("hsm")[0]).toBe("hsm");
  expect(versionState("decrypt")).toBe("Being emptied");
  expect(isAlive({ state: "destroyed" })).toBe(false);
});
