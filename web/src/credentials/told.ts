/** What the form of a credential says of a request that failed. */
import { ApiError, sentence } from "../api/problem.ts";
import type { Way } from "./ways.ts";

/** The fields of every form, beside those of a way. */
const COMMON = ["/name", "/notes", "/expiresAt", "/rotateEveryDays", "/parameters/testUrl", "/allowedHosts"];

/** What an alert says of a failure: not once more what stands at the fields. */
export function told(failure: unknown, way: Way): string {
  const wrong = (failure instanceof ApiError && failure.problem.errors) || [];
  const own = way.fields.map(({ name, secret }) => (secret ? `/data/${name}` : `/parameters/${name}`));
  const isAtField = (pointer: string) =>
    [...COMMON, ...own].some((field) => pointer === field || pointer.startsWith(`${field}/`));
  const others = wrong.filter(({ pointer }) => !isAtField(pointer));
  if (others.length > 0) return others.map(({ message }) => message).join(" ");
  return wrong.length > 0 ? "Some fields above are wrong." : sentence(failure);
}
