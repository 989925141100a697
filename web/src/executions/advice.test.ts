import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { adviceFor, sentencesOf } from "./advice.ts";

const sentences = sentencesOf(readFileSync("../docs/errors/executions.md", "utf8"));
const failed = (code: string, output: unknown = null, credentialId: string | null = null) =>
  adviceFor({ error: { code, message: "" }, output: output as never, credentialId }, sentences);

describe("what to do about a failed step", () => {
  test("is what the guide says of its code, in plain text", () => {
    expect(failed("http.dns")).toEqual({
      text: "The name did not resolve. Check its spelling.",
      remedies: ["node"],
    });
    expect(failed("node.time_zone")?.text).not.toContain("`");
    expect(sentences.size).toBeGreaterThan(60);
  });

  test("goes by the status where a service refused with one", () => {
    expect(failed("http.status", { statusCode: 401 }, "cred_1")?.remedies).toEqual(["credential", "node"]);
    expect(failed("http.status", { statusCode: 401 })?.text).toContain("Choose a credential");
    expect(failed("http.status", { statusCode: 404 })?.text).toContain("nothing at this address");
    expect(failed("http.status", { statusCode: 503 })?.text).toContain("itself failed");
    expect(failed("http.status", { statusCode: 422 })?.text).toContain("did not accept the request");
  });

  test("leads to the credential that has to be mended, where the node named one", () => {
    expect(failed("credential.reconnect_required", null, "cred_1")?.remedies[0]).toBe("reconnect");
    expect(failed("credential.expired", null, "cred_1")?.remedies[0]).toBe("credential");
    expect(failed("credential.not_found")?.remedies).toEqual(["node"]);
  });

  test("is nothing for a code that the guide does not know", () => {
    expect(failed("something.else")).toBeUndefined();
  });
});
