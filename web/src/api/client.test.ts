import { describe, expect, it } from "vitest";
import { csrfToken } from "./client.ts";
import { ApiError, problemOf, sentence } from "./problem.ts";

describe("the client", () => {
  it("finds the token of its own cookie among others", () => {
    expect(csrfToken("a=1; flero-csrf=abc=; b=2")).toBe("abc=");
    expect(csrfToken("xflero-csrf=no")).toBeUndefined();
  });

  it("shows a problem's own sentence, and a field's", () => {
    const body = { title: "T", detail: "Give it a name.", errors: [{ pointer: "/name", message: "Empty." }] };
    const error = new ApiError(422, problemOf(body, 422));
    expect(sentence(error)).toBe("Give it a name.");
    expect(error.field("/name")).toBe("Empty.");
    expect(error.field("/nam")).toBeUndefined();
  });

  it("tells which entry of a list is wrong", () => {
    const wrongAt = (pointer: string) =>
      new ApiError(422, {
        title: "T",
        detail: "D",
        errors: [{ pointer, code: "c", message: "No network." }],
      });
    const entries = ["10.0.0.0/8", "here"];
    expect(wrongAt("/networks/1").list("/networks", entries)).toBe("here: No network.");
    expect(wrongAt("/networks/0").list("/networks", entries)).toBe("10.0.0.0/8: No network.");
    expect(wrongAt("/networks").list("/networks", entries)).toBe("No network.");
    expect(wrongAt("/networks/7").list("/networks", entries)).toBe("No network.");
    expect(wrongAt("/networksBeside/0").list("/networks", entries)).toBeUndefined();
  });

  it("never shows an unknown error's own text", () => {
    expect(sentence(new Error("secret inside"))).not.toContain("secret");
    expect(problemOf("<html>", 502).detail).toContain("502");
  });
});
