import { expect, it } from "vitest";
import { asSentence, codeParts, isAlive, moved, providerWords, versionState } from "./words.ts";

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

it("writes a warning as a sentence, with its commands as such", () => {
  expect(asSentence("add a slot with `flero vault slots add`")).toBe(
    "Add a slot with `flero vault slots add`.",
  );
  expect(codeParts("Add one with `flero vault`.")).toEqual([
    { text: "Add one with ", isCode: false },
    { text: "flero vault", isCode: true },
    { text: ".", isCode: false },
  ]);
});
