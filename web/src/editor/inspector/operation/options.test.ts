import { describe, expect, it } from "vitest";
import { meant } from "./DynamicField.tsx";
import { inputsFor, optionsOf } from "./options.ts";

const hint = { operation: "list", items: "/items", value: "/id", label: "/name" };

describe("choices that the service lists", () => {
  it("are each listed once, by name where there is one", () => {
    const items = [
      { value: 7, label: "Seven" },
      { value: "7", label: "Again" },
      { value: "b", label: "" },
      { value: null, label: "None" },
    ];
    expect(optionsOf({ items, truncated: true })).toEqual({
      items: [
        { value: "7", label: "Seven" },
        { value: "b", label: "b" },
      ],
      truncated: true,
    });
  });

  it("wait for the inputs that they depend on, and for no other", () => {
    const options = { ...hint, inputs: { team: "{{ teamId }}", archived: false } };
    expect(inputsFor(options, { text: "Hi" })).toEqual({ missing: "teamId" });
    expect(inputsFor(options, { teamId: "{{ $input.team }}" })).toEqual({ missing: "teamId" });
    expect(inputsFor(options, { teamId: "T1", text: "Hi" })).toEqual({ inputs: { teamId: "T1" } });
    expect(inputsFor(hint, { text: "Hi" })).toEqual({ inputs: {} });
    const deep = { ...hint, inputs: { filter: { of: ["team {{teamId}}"] } } };
    expect(inputsFor(deep, {})).toEqual({ missing: "teamId" });
    expect(inputsFor(deep, { teamId: 7 })).toEqual({ inputs: { teamId: 7 } });
  });

  it("are meant by whoever types their whole name, unless two are called so", () => {
    const found = [
      { value: "C1", label: "general" },
      { value: "C2", label: "random" },
      { value: "C3", label: "Random" },
    ];
    expect(meant(found, "General")?.value).toBe("C1");
    expect(meant(found, "C2")?.value).toBe("C2");
    expect(meant(found, "random")).toBeUndefined();
    expect(meant(found, "")).toBeUndefined();
  });
});
