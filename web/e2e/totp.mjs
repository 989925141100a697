// The codes of an authenticator app (RFC 6238 with SHA-1, six digits and steps of 30 seconds).
import { createHmac } from "node:crypto";

export const STEP = 30;

/** The step that a time is in. */
export const stepAt = (time = Date.now()) => Math.floor(time / 1000 / STEP);

/** The code of a step, for a secret in base32. */
export function codeOf(secret, step) {
  const bits = [...secret].map((letter) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const digest = createHmac("sha1", key).update(counter).digest();
  const number = digest.readUInt32BE(digest[19] & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, "0");
}
