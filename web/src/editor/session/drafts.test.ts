import { expect, test } from "vitest";
import { setParameters } from "../model/commands.ts";
import { chain } from "../model/testing.ts";
import { keepDraft, readDraft, withoutSecrets } from "./drafts.ts";

test("a draft comes back as it was, and goes when it is saved", () => {
  keepDraft("wf_1", chain(), '"7"');
  expect(readDraft("wf_1")).toMatchObject({ etag: '"7"', document: chain() });
  keepDraft("wf_1", undefined, '"8"');
  expect(readDraft("wf_1")).toBeUndefined();
});

test("what looks like a secret is not kept", () => {
  const secret = "canary-3f9a1c77d2e84b60aa";
  const document = setParameters(chain(), "call", {
    url: `https://user:${secret}@api.example`,
    headers: { Authorization: `Bearer ${secret}`, "X-Api-Key": secret, Accept: "application/json" },
    body: "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
  });
  keepDraft("wf_2", document, '"1"');
  const stored = localStorage.getItem("flero-draft:wf_2") ?? "";
  expect(stored).not.toContain(secret);
  expect(stored).not.toContain("ghp_");
  expect(stored).toContain("application/json");
});

test("an expression in a field that is named like a secret is kept", () => {
  expect(withoutSecrets({ token: "{{ $trigger.body.verificationTokenOfTheCaller }}" })).toEqual({
    token: "{{ $trigger.body.verificationTokenOfTheCaller }}",
  });
});
