import { expect, it } from "vitest";
import { dueOf } from "./CredentialStatus.tsx";

const NOW = Date.UTC(2026, 0, 1);
const credential = { status: "active" as const, expiresAt: null, rotationDueAt: null, secretEndsAt: null };

it("says what should be done soon, whoever set the end", () => {
  expect(dueOf(credential, NOW)).toBeUndefined();
  expect(dueOf({ ...credential, secretEndsAt: "2026-01-05T00:00:00Z" }, NOW)?.state).toBe("expiresSoon");
  expect(
    dueOf({ ...credential, expiresAt: "2027-01-01T00:00:00Z", secretEndsAt: "2026-01-05T00:00:00Z" }, NOW)
      ?.state,
  ).toBe("expiresSoon");
  expect(dueOf({ ...credential, expiresAt: "2027-01-01T00:00:00Z" }, NOW)).toBeUndefined();
  expect(dueOf({ ...credential, rotationDueAt: "2025-12-31T00:00:00Z" }, NOW)?.state).toBe("rotationDue");
});
