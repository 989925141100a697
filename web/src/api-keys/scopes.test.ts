import { describe, expect, it } from "vitest";
import { AREAS, tellScopes, USES } from "./scopes.ts";

const all = [...AREAS.flatMap(({ read, write }) => [read, write]), ...USES.map(({ scope }) => scope)].filter(
  (scope) => scope !== undefined,
);

describe("the scopes of a key in words", () => {
  it("are one line where the key may do everything", () => {
    expect(all).toHaveLength(12);
    expect(tellScopes(all)).toEqual(["Everything that its maker may do"]);
    expect(tellScopes(all.slice(1))).toHaveLength(4);
  });

  it("take together what is read and written, and what is only one of them", () => {
    const some = ["workflows:read", "executions:read", "executions:write", "members:write", "audit:read"];
    expect(tellScopes(some)).toEqual([
      "Read and write executions",
      "Read workflows and audit log",
      "Write members",
    ]);
    expect(tellScopes(["proxy:use"])).toEqual(["Call services through the proxy"]);
  });

  it("name what the form does not offer", () => {
    expect(tellScopes(["scim:provision"])).toEqual(["Keep people up from a directory"]);
  });
});
