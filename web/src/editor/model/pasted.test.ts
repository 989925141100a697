import { describe, expect, test } from "vitest";
import type { JsonObject, WorkflowNode } from "./document.ts";
import { secretsOf, takeOut } from "./pasted.ts";

const token = "canary-3f9a1c77d2e84b60aa";
const call = (parameters: JsonObject): WorkflowNode => ({
  id: "call",
  name: "Call",
  type: "HTTPRequest",
  parameters: { url: "https://api.example.com/v1", ...parameters },
});

describe("a secret that is taken out of a field", () => {
  test("becomes a credential of the kind that the header says, for the host of the URL", () => {
    const taken = (value: string) =>
      takeOut(call({ headers: { Authorization: value } }), ["parameters", "headers", "Authorization"]);
    const hosts = ["api.example.com"];
    expect(taken(`Bearer ${token}`)).toEqual({
      left: undefined,
      beginning: { authType: "bearer", values: { token }, hosts },
    });
    expect(taken(`Basic ${btoa("ada:pass:word")}`)?.beginning).toEqual({
      authType: "basic",
      values: { username: "ada", password: "pass:word" },
      hosts,
    });
    expect(taken(`Token ${token}`)?.beginning.values).toEqual({
      in: "header",
      name: "Authorization",
      prefix: "Token",
      key: token,
    });
  });

  test("keeps the name of another header, also in a list of pairs", () => {
    const node = call({ headers: [{ name: "X-Api-Key", value: token }] });
    expect(takeOut(node, ["parameters", "headers", 0, "value"])?.beginning.values).toEqual({
      in: "header",
      name: "X-Api-Key",
      key: token,
    });
  });

  test("leaves the rest of the URL where it is", () => {
    const user = call({ url: "http://ada:pass%20word@127.0.0.1:9000/v1?page=2" });
    expect(takeOut(user, ["parameters", "url"])).toEqual({
      left: "http://127.0.0.1:9000/v1?page=2",
      beginning: {
        authType: "basic",
        values: { username: "ada", password: "pass word" },
        hosts: ["http://127.0.0.1:9000"],
      },
    });
    for (const [url, left] of [
      [`https://api.example.com/v1?api_key=${token}&page=2`, "https://api.example.com/v1?page=2"],
      [`https://api.example.com/v1?page=2&api_key=${token}`, "https://api.example.com/v1?page=2"],
      [`https://api.example.com/v1?api_key=${token}`, "https://api.example.com/v1"],
    ] as const)
      expect(takeOut(call({ url }), ["parameters", "url"])).toMatchObject({
        left,
        beginning: { authType: "apiKey", values: { in: "query", name: "api_key", key: token } },
      });
  });

  test("leaves the text around a known token", () => {
    const known = "ghp_16C7e42F292c6912E7710c838347Ae178B4a";
    const node = call({ body: `{"token": "${known}", "page": 1}` });
    expect(takeOut(node, ["parameters", "body"])).toMatchObject({
      left: '{"token": "", "page": 1}',
      beginning: { values: { token: known } },
    });
  });
});

test("texts that look like a secret are found with their place, expressions are not", () => {
  const node = call({
    headers: { "X-Api-Key": token, Accept: "application/json" },
    token: "{{ $env.TOKEN_OF_THE_SERVICE }}",
  });
  expect(secretsOf(node)).toEqual([{ path: ["parameters", "headers", "X-Api-Key"], value: token }]);
});
