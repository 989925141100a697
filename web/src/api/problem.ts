/** A problem that the API reports (RFC 9457), as an error that a screen can show. */
import type { components } from "#api";

type Problem = components["schemas"]["Problem"];

/** What a screen needs of a problem document. */
export type ProblemText = Pick<Problem, "title" | "detail"> & Partial<Problem>;

/** A call that did not work. `message` is a sentence for people. */
export class ApiError extends Error {
  readonly status: number | undefined;
  readonly problem: ProblemText;

  constructor(status: number | undefined, problem: ProblemText) {
    super(problem.detail || problem.title);
    this.name = "ApiError";
    this.status = status;
    this.problem = problem;
  }

  /** The sentence for the field at `pointer`, without the ones below it. */
  field(pointer: string): string | undefined {
    return this.problem.errors?.find((entry) => entry.pointer === pointer)?.message;
  }

  /** The sentence for the list at `pointer`, or for the first of its entries that is wrong, which is named. */
  list(pointer: string, entries: readonly string[] = []): string | undefined {
    const wrong = this.problem.errors?.find(
      (entry) => entry.pointer === pointer || entry.pointer.startsWith(`${pointer}/`),
    );
    const entry = entries[Number(wrong?.pointer.slice(pointer.length + 1) || Number.NaN)];
    return wrong && entry ? `${entry}: ${wrong.message}` : wrong?.message;
  }
}

/** Reads a problem document, or makes one for an answer that has none. */
export function problemOf(body: unknown, status: number): ProblemText {
  if (typeof body === "object" && body !== null && "detail" in body && "title" in body) {
    return body as ProblemText;
  }
  return { title: "That did not work", detail: `The server answered ${status}. Try again in a moment.` };
}

/** Any error as a sentence for people. */
export function sentence(error: unknown): string {
  if (error instanceof ApiError) return error.message;
  return "Something in this page went wrong. Reload it and try again.";
}

/** The sentence of the first field that is wrong, which says more than the problem's own; else that one. */
export function reason(error: unknown): string {
  const first = error instanceof ApiError ? error.problem.errors?.[0]?.message : undefined;
  return first ?? sentence(error);
}

/** What the end of a form says: each field that is wrong in its own words, in case one of them is not on the screen. */
export function everyReason(error: unknown): string {
  const messages = (error instanceof ApiError && error.problem.errors?.map(({ message }) => message)) || [];
  return messages.length > 0 ? [...new Set(messages)].join(" ") : sentence(error);
}
