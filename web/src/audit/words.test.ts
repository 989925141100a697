import { expect, it } from "vitest";
import { actionLabel, actorLabel, detailPairs, detailText, isObjectId } from "./words.ts";

const EXECUTION = "exec_01h455vb4pex5vsknk084sn02q";

it("writes an entry of the audit log in words", () => {
  expect(actionLabel("credential.scopeChanged")).toBe("Credential scope changed");
  expect(actionLabel("credential.use_intent")).toBe("Credential use begun");
  expect(actionLabel("api_key.created")).toBe("API key created");
  expect(detailPairs({ secretRevision: 2, execution: EXECUTION })).toEqual([
    ["Secret revision", "2"],
    ["Execution", EXECUTION],
  ]);
});

it("tells in a line what it was done to, what changed, where, and how it ended", () => {
  const nameOf = (id: string) => (id === "cred_1" ? "Orders API" : id);
  const told = (detail: Parameters<typeof detailText>[0]["detail"], target = "cred_1") =>
    detailText({ detail, target }, nameOf);
  const use = {
    host: "api.example.com",
    node: "c",
    attempt: 1,
    purpose: "node",
    outcome: "success",
    status: 200,
  };
  expect(told({ ...use, execution: EXECUTION, secretRevision: 1 })).toBe(
    "Orders API · api.example.com · node c",
  );
  expect(told({ ...use, attempt: 2, purpose: "proxy", outcome: "http.status", status: 401 })).toBe(
    "Orders API · api.example.com · node c · attempt 2 · proxy · status 401 · http.status",
  );
  expect(told({ name: "Slack", from: "personal", to: "workspace" })).toBe("Slack · personal → workspace");
  expect(told({ fields: ["allowedHosts", "notes"], count: 2 }, "ws_1")).toBe("allowed hosts, notes");
  expect(told({ fields: ["BASE_URL"] }, "ws_1")).toBe("BASE_URL");
  expect(told({ count: 3 }, "ws_1")).toBe("3");
  expect(told({ workflow: "wf_1", to: EXECUTION }, "ws_1")).toBe("");
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
