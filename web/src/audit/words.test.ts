import { expect, it } from "vitest";
import { actionLabel, actorLabel, detailText } from "./words.ts";

it("writes an entry of the audit log in words", () => {
  expect(actionLabel("credential.scopeChanged")).toBe("Credential scope changed");
  expect(actionLabel("api_key.created")).toBe("API key created");
  expect(actorLabel({ kind: "user", user: "usr_1" }, "usr_1")).toBe("You");
  expect(actorLabel({ kind: "apiKey", user: "usr_1", key: "key_1" }, "usr_2")).toBe("API key key_1 of usr_1");
  expect(actorLabel(undefined)).toBe("");
  expect(detailText({ host: "api.example.com", executionId: "exec_1", nested: {}, attempts: 2 })).toBe(
    "host: api.example.com, attempts: 2",
  );
});
