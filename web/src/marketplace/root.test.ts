import { expect, it } from "vitest";
import { readRoot } from "./root.ts";

const signed = {
  _type: "root",
  version: 2,
  expires: "2027-11-22T00:00:00Z",
  roles: { root: { keyids: ["a", "b", "c"], threshold: 2 } },
};

it("tells what a root says of itself", () => {
  const root = { signatures: [], signed };
  expect(readRoot(JSON.stringify(root))).toEqual({
    root,
    version: 2,
    expires: "2027-11-22T00:00:00Z",
    threshold: 2,
    keys: 3,
  });
});

it("says what is wrong with another text, and which file it should be", () => {
  const fault = (text: string) => {
    const read = readRoot(text);
    return "fault" in read ? read.fault : "";
  };
  expect(fault("{")).toContain("no JSON");
  for (const text of ["null", "[]", "1", "{}", '{"signed":[],"signatures":[]}', JSON.stringify({ signed })]) {
    expect(fault(text)).toContain("no signed file");
  }
  expect(fault('{"signed":{"_type":"targets"},"signatures":[]}')).toContain("targets file");
});
