/** The second factors, in words and in the order in which they are offered. */
import type { components } from "#api";
import { canUsePasskeys } from "./passkey.ts";

export type Factor = "totp" | "passkey" | "recovery_code";

/** What proves who is there: a code, or a device's answer to a challenge. */
export type FactorProof = components["schemas"]["FactorBody"];

interface Words {
  /** What the person is asked to do. */
  lead: string;
  /** The field for a code. */
  field: string;
  /** The way to this factor from another one. */
  other: string;
  /** What to do when it was not right. */
  refused: string;
}

export const FACTORS: Record<Factor, Words> = {
  totp: {
    lead: "Open your authenticator app and type the six digits that it shows for Flero.",
    field: "Code of the authenticator app",
    other: "Use a code of the authenticator app",
    refused: "That code is not right, or it was used before. Wait for the next one and type that.",
  },
  passkey: {
    lead: "Your browser asks for the passkey that you added.",
    field: "",
    other: "Use a passkey",
    refused: "That passkey is not one of your account, or the question was too old. Try again.",
  },
  recovery_code: {
    lead: "Type one of the recovery codes that you kept. Each works once.",
    field: "Recovery code",
    other: "Use a recovery code",
    refused: "That code is not right, or it was used before. Type another one.",
  },
};

/** The factors that somebody has and this browser can use, the quickest first. */
export function usable(names: readonly string[], hasPasskeys: boolean = canUsePasskeys()): Factor[] {
  const order: Factor[] = ["totp", "passkey", "recovery_code"];
  return order.filter((name) => names.includes(name) && (name !== "passkey" || hasPasskeys));
}
