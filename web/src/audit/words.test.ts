import { expect, it } from "vitest";
import { actionLabel, actorLabel, detailText } from "./words.ts";

it("writes an entry of the audit log in words", () => {
  expect(actionLabel("credential.scopeChanged")).toBe("Credential scope changed");
  expect(actorLabel({ kind: "user", userId: "usr_1" })).toBe("User usr_1");
  expect(actorLabel(undefined)).toBe("");
  expect(detailText({ host: "api.example.com", executionId: "exec_1", nested: {}, attempts: 2 })).toBe(
    "host: api.example.com, attempts: 2",
  );
});
