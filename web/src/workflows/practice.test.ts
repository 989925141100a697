import { expect, it } from "vitest";
import { practiceCredential, practiceWorkflow } from "./practice.ts";

const practice = { url: "http://127.0.0.1:7374", token: "practice-token" };

it("sends the token to the practice service alone, and keeps it out of the workflow", () => {
  expect(practiceCredential(practice, "workspace").allowedHosts).toEqual([practice.url]);
  const text = JSON.stringify(practiceWorkflow(practice, "cred_1"));
  expect(text).toContain("cred_1");
  expect(text).not.toContain(practice.token);
});
