import { QueryClient } from "@tanstack/react-query";
import { describe, expect, it } from "vitest";
import { categoriesOf } from "./MailSettings.tsx";
import { unreadQuery } from "./queries.ts";
import { takeIn } from "./use-watch.ts";
import { CATEGORIES, placeOf, toneOf } from "./words.ts";

describe("notifications", () => {
  it("lead to what they are about", () => {
    const at = (category: string, subject: string) => placeOf({ category, subject });
    expect(at("execution.failed", "wf_1")).toBe("/logs?status=failed&workflowId=wf_1");
    expect(at("credential.expired", "cred_1")).toBe("/settings/credentials?credential=cred_1");
    expect(at("scope.requested", "scr_1")).toBe("/settings/requests?show=all&request=scr_1");
    expect(at("session.unusual", "usr_1")).toBe("/settings/security");
  });

  it("show every category that the server names, ours first", () => {
    const names = categoriesOf({ "future.thing": "daily", "execution.failed": "daily" }).map(
      ({ name }) => name,
    );
    expect(names).toEqual(["execution.failed", "future.thing"]);
    expect(toneOf("future.thing")).toBe("info");
    expect(CATEGORIES.every(({ name }) => name.includes("."))).toBe(true);
  });

  it("count what is unread, and read the list again only when that changed", () => {
    const client = new QueryClient();
    client.setQueryData(["notifications", "list", { isUnread: false }], "list");
    const isStale = () => client.getQueryState(["notifications", "list", { isUnread: false }])?.isInvalidated;
    client.setQueryData(unreadQuery.queryKey, 2);
    takeIn(client, { unread: 2 });
    expect(isStale()).toBe(false);
    takeIn(client, { unread: 3 });
    expect([client.getQueryData(unreadQuery.queryKey), isStale()]).toEqual([3, true]);
  });
});
