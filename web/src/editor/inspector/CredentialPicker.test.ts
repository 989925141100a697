import { expect, test } from "vitest";
import { fitsHost, fitsNode } from "./CredentialPicker.tsx";

test("a credential fits a host that its list names, and no other", () => {
  expect(fitsHost(["api.example.com"], "api.example.com")).toBe(true);
  expect(fitsHost(["api.example.com"], "api.example.com:8443")).toBe(true);
  expect(fitsHost(["api.example.com:443"], "api.example.com:8443")).toBe(false);
  expect(fitsHost(["http://127.0.0.1:9000"], "127.0.0.1:9000")).toBe(true);
  expect(fitsHost(["*.example.com"], "a.example.com")).toBe(true);
  expect(fitsHost(["*.example.com"], "a.b.example.com")).toBe(false);
  expect(fitsHost(["api.example.com"], "evil.com")).toBe(false);
});

test("only kinds that can check a request are offered for a webhook", () => {
  const node = { id: "w", name: "Webhook", type: "WebhookTrigger", parameters: {} };
  expect(fitsNode({ service: "http", authType: "apiKey" } as never, node)).toBe(true);
  expect(fitsNode({ service: "http", authType: "oauth2" } as never, node)).toBe(false);
});
