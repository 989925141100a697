import { expect, it } from "vitest";
import { factorsOf, refusalWords } from "./words.ts";

it("has words for every refusal, and for one that is new", () => {
  expect(refusalWords(undefined)).toBeUndefined();
  expect(refusalWords("openid_taken")).toContain("another account");
  expect(refusalWords("<b>openid_new</b>")).toBe("The sign-in did not work. Begin again.");
});

it("reads the factors of an address", () => {
  expect(factorsOf("totp,passkey")).toEqual(["totp", "passkey"]);
  expect(factorsOf("")).toBeUndefined();
  expect(factorsOf(undefined)).toBeUndefined();
});
