// What the browser sent and got, as a HAR, and that no secret is in it but where somebody typed it in.
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A window whose traffic is recorded. `finish` closes it and reads the record. */
export async function recorded(browser, options = {}) {
  const folder = await mkdtemp(join(tmpdir(), "flero-har-"));
  const path = join(folder, "traffic.har");
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, recordHar: { path, content: "embed" }, ...options });
  context.setDefaultTimeout(30_000);
  const finish = async () => {
    await context.close();
    const { log } = JSON.parse(await readFile(path, "utf8"));
    await rm(folder, { recursive: true, force: true });
    return log.entries;
  };
  return { context, finish };
}

const forms = (secret) => [secret, encodeURIComponent(secret), btoa(secret).replaceAll("=", "")];
const text = (content) => (content?.encoding === "base64" ? Buffer.from(content.text ?? "", "base64").toString() : (content?.text ?? ""));

/**
 * Nothing that came back, no address and no header holds one of the secrets; what was sent does only where it was
 * typed in: `mayHold` decides by the path. Only what went to `origin` is looked at: a provider keeps its own.
 */
export function assertCleanTraffic(entries, origin, secrets, mayHold) {
  const own = entries.filter(({ request }) => request.url.startsWith(origin));
  assert.ok(own.length > 0, "the traffic was recorded");
  for (const { request, response } of own) {
    const { pathname } = new URL(request.url);
    const came = JSON.stringify([request.url, request.headers, response.headers, response.redirectURL]) + text(response.content);
    const sent = request.postData?.text ?? "";
    for (const secret of secrets) {
      for (const form of forms(secret)) {
        assert.ok(!came.includes(form), `a secret is in the traffic of ${request.method} ${pathname}`);
        assert.ok(mayHold(pathname) || !sent.includes(form), `a secret was sent to ${request.method} ${pathname}`);
      }
    }
  }
}
