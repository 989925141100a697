import { expect, it } from "vitest";
import { atLocalhost, passkeyPlace } from "./passkey.ts";

it("knows where passkeys work: under a name, and on loopback under localhost alone", () => {
  expect(passkeyPlace("flero.example.com", true)).toBe("here");
  expect(passkeyPlace("localhost", true)).toBe("here");
  expect(passkeyPlace("127.0.0.1", true)).toBe("localhost");
  expect(passkeyPlace("[::1]", true)).toBe("localhost");
  expect(passkeyPlace("203.0.113.9", true)).toBe("no");
  expect(passkeyPlace("[2001:db8::1]", true)).toBe("no");
  expect(passkeyPlace("flero.example.com", false)).toBe("no");
  expect(atLocalhost("http://127.0.0.1:7373/login?next=%2Flogs")).toBe(
    "http://localhost:7373/login?next=%2Flogs",
  );
});
