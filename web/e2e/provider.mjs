// An OAuth 2 provider on loopback with a consent page, device codes (RFC 8628) and an API that wants its tokens.
import { createServer } from "node:http";

/** The provider's client; it is public and proves itself by PKCE. */
export const CLIENT_ID = "flero-tests";

/** An ID token whose claims name the account; nobody checks its signature, because it comes over a direct connection. */
const idToken = (account) => {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "none" })}.${part({ sub: account, email: account, iss: "provider", aud: CLIENT_ID })}.`;
};

/** Starts it. `tokens` lists every token that was given; `account` is who signs in next. */
export async function startProvider() {
  const provider = { account: "grace@example.com", refuses: false, deviceAllowed: false, tokens: [], origin: "", stop: () => server.close() };
  const json = (response, status, body) => {
    response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" });
    response.end(JSON.stringify(body));
  };
  const give = (response, account) => {
    const token = `canary-token-${provider.tokens.length}-${Math.random().toString(36).slice(2)}`;
    provider.tokens.push(token);
    json(response, 200, { access_token: token, refresh_token: `${token}-refresh`, token_type: "Bearer", expires_in: 3600, scope: "read", id_token: idToken(account) });
  };
  const server = createServer(async (request, response) => {
    const url = new URL(request.url, provider.origin);
    let body = "";
    for await (const chunk of request) body += chunk;
    const form = new URLSearchParams(body);
    switch (url.pathname) {
      case "/authorize": {
        const back = new URL(url.searchParams.get("redirect_uri"));
        const state = url.searchParams.get("state");
        const allow = new URL(back);
        allow.search = new URLSearchParams({ code: `code-${Buffer.from(provider.account).toString("hex")}`, state });
        const deny = new URL(back);
        deny.search = new URLSearchParams({ error: "access_denied", error_description: "Not today.", state });
        response.setHeader("content-type", "text/html");
        const link = (address, text) => `<a href="${address.href.replaceAll("&", "&amp;")}">${text}</a>`;
        response.end(`<!doctype html><html lang="en"><title>Practice</title><h1>Allow the access?</h1><p>${link(allow, "Allow")} ${link(deny, "Deny")}</p>`);
        return;
      }
      case "/device":
        json(response, 200, { device_code: "device", user_code: "WDJB-MJHT", verification_uri: `${provider.origin}/activate`, expires_in: 600, interval: 1 });
        return;
      case "/token": {
        if (form.get("grant_type")?.endsWith("device_code") && !provider.deviceAllowed) return json(response, 400, { error: "authorization_pending" });
        if (provider.refuses) return json(response, 400, { error: "invalid_grant" });
        const code = form.get("code");
        return give(response, code ? Buffer.from(code.slice(5), "hex").toString() : provider.account);
      }
      case "/me": {
        const token = (request.headers.authorization ?? "").replace("Bearer ", "");
        return json(response, provider.tokens.includes(token) ? 200 : 401, { login: provider.account });
      }
      default:
        response.end("ok");
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  provider.origin = `http://127.0.0.1:${server.address().port}`;
  return provider;
}
