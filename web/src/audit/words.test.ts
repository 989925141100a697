import { expect, it } from "vitest";
import { actionLabel, actorLabel, detailPairs, detailText, isObjectId } from "./words.ts";

const EXECUTION = "exec_01h455vb4pex5vsknk084sn02q";

it("writes an entry of the audit log in words", () => {
  expect(actionLabel("credential.scopeChanged")).toBe("Credential scope changed");
  expect(actionLabel("api_key.created")).toBe("API key created");
  expect(
    detailText({ host: "api.example.com", execution: EXECUTION, fields: ["name", "notes"], attempt: 2 }),
  ).toBe("host: api.example.com, fields: name, notes, attempt: 2");
  expect(detailPairs({ secretRevision: 2, execution: EXECUTION })).toEqual([
    ["Secret revision", "2"],
    ["Execution", EXECUTION],
  ]);
});

it("names who it was", () => {
  const nameOf = (user: string) => ({ usr_1: "You", usr_2: "Grace" })[user] ?? user;
  expect(actorLabel({ kind: "user", user: "usr_1" }, nameOf)).toBe("You");
  expect(actorLabel({ kind: "user", user: "usr_9" }, nameOf)).toBe("usr_9");
  expect(actorLabel({ kind: "apiKey", user: "usr_1", key: "key_1" }, nameOf)).toBe("Your API key");
  expect(actorLabel({ kind: "run", user: "usr_2", execution: EXECUTION }, nameOf)).toBe("Run for Grace");
  expect(actorLabel({ kind: "system" })).toBe("Flero itself");
});

it("tells identifiers from other texts", () => {
  expect(isObjectId(EXECUTION)).toBe(true);
  expect(isObjectId("vault")).toBe(false);
  expect(isObjectId("exec_1")).toBe(false);
  expect(isObjectId(3)).toBe(false);
});
