import { expect, it } from "vitest";
import { browserName } from "./queries.ts";

it("names browser and system", () => {
  expect(browserName("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36")).toBe(
    "Chrome on Linux",
  );
  expect(browserName("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) Safari/605.1")).toBe("Safari on macOS");
  expect(browserName("curl/8.5")).toBe("curl/8.5");
});
