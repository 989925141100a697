import { describe, expect, it } from "vitest";
import { asRole, inviteQuery } from "./invite.ts";

describe("an invitation", () => {
  it("names a role in a sentence", () => {
    expect(["viewer", "editor", "admin", "owner"].map(asRole)).toEqual([
      "a viewer",
      "an editor",
      "an admin",
      "an owner",
    ]);
  });

  it("leaves its token out of the key of the query", () => {
    expect(JSON.stringify(inviteQuery("inv_secret").queryKey)).not.toContain("secret");
  });
});
