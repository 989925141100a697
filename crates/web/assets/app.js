// The page that lists executions and shows one of them. The API key lives in one variable of this script and
// nowhere else: not in storage, not in a cookie, and a key in the address' fragment is taken out at once.
"use strict";

let key = "";
const byId = (id) => document.getElementById(id);
const view = byId("view");

/** Makes an element; text is always set as text, never as markup. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** Calls the API. Throws an Error whose message is a sentence for people. */
async function get(path) {
  let answer;
  try {
    answer = await fetch(path, { headers: { authorization: `Bearer ${key}` }, cache: "no-store", credentials: "omit" });
  } catch {
    throw new Error("Flero does not answer. Check that the server runs, then try again.");
  }
  const body = await answer.json().catch(() => ({}));
  if (!answer.ok) {
    const failure = new Error(body.detail || body.title || `The server answered ${answer.status}.`);
    failure.status = answer.status;
    throw failure;
  }
  return body;
}

const WORDS = { success: "Success", failed: "Failed", running: "Running", pending: "Pending", cancelled: "Cancelled", timeout: "Timed out", waitingForInput: "Waiting", waiting: "Waiting", skipped: "Not reached" };
const pill = (status) => make("span", { class: `pill ${status}` }, WORDS[status] || status);
const date = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const when = (text) => (text ? make("time", { datetime: text }, date.format(new Date(text))) : "–");
const TRIGGERS = { manual: "Manual", webhook: "Webhook", schedule: "Schedule", subWorkflow: "Sub-workflow", error: "Error", replay: "Replay" };
const triggerName = (trigger) => TRIGGERS[trigger?.kind ?? trigger] || "–";

function took(from, to) {
  if (!from || !to) return "–";
  const ms = new Date(to) - new Date(from);
  return ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(ms < 10000 ? 2 : 1)} s`;
}

function show(title, ...children) {
  document.title = `${title} · Flero`;
  view.replaceChildren(...children.filter((child) => child !== null));
  view.hidden = false;
  byId("gate").hidden = true;
  byId("sign-out").hidden = false;
}

function failure(error, again) {
  if (error.status === 401) return gate("This key is not accepted. Check it, or make a new one.");
  const button = make("button", { type: "button" }, "Try again");
  button.addEventListener("click", again);
  show("Error", make("h1", {}, "That did not work"), make("p", { class: "notice bad", role: "alert" }, error.message), make("div", { class: "actions" }, button));
}

function row(execution) {
  const link = make("a", { href: `/logs/${execution.id}`, class: "mono" }, execution.id);
  link.addEventListener("click", (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
    event.preventDefault();
    history.pushState(null, "", link.getAttribute("href"));
    route();
  });
  return make("tr", {}, make("td", {}, pill(execution.status)), make("td", {}, link), make("td", {}, triggerName(execution.trigger)),
    make("td", {}, when(execution.createdAt)), make("td", { class: "num" }, took(execution.createdAt, execution.finishedAt)));
}

async function list() {
  show("Executions", make("h1", {}, "Executions"), make("p", { class: "lead" }, "Loading…"));
  try {
    let page = await get("/api/executions?limit=50");
    const head = make("tr", {}, ...["Status", "Execution", "Trigger", "Accepted"].map((name) => make("th", { scope: "col" }, name)), make("th", { scope: "col", class: "num" }, "Took"));
    const body = make("tbody", {}, ...page.items.map(row));
    const more = make("button", { type: "button" }, "Show more");
    const count = make("span", { class: "hint" });
    const update = () => { more.hidden = !page.nextCursor; count.textContent = `${body.children.length} of ${page.total}`; };
    more.addEventListener("click", async () => {
      more.disabled = true;
      try {
        page = await get(`/api/executions?limit=50&cursor=${encodeURIComponent(page.nextCursor)}`);
        body.append(...page.items.map(row));
        update();
      } catch (error) { failure(error, list); }
      more.disabled = false;
    });
    update();
    const content = page.items.length
      ? [make("div", { class: "card table" }, make("table", {}, make("caption", { hidden: true }, "Executions, newest first"), make("thead", {}, head), body)), make("div", { class: "actions" }, more, count)]
      : [make("div", { class: "card empty" }, make("p", {}, "Nothing has run yet."), make("p", {}, "Create a workflow through the ", make("a", { href: "/api/openapi.json", target: "_blank", rel: "noreferrer" }, "API"), ", then call its webhook."))];
    show("Executions", make("h1", {}, "Executions"), make("p", { class: "lead" }, "Newest first. No secret is in any of them."), ...content);
  } catch (error) { failure(error, list); }
}

function pane(title, value) {
  const text = value === undefined || value === null ? "–" : JSON.stringify(value, null, 2);
  const cut = text.length > 200000 ? `${text.slice(0, 200000)}\n… (${text.length} characters in all)` : text;
  return make("div", {}, make("h3", {}, title), make("pre", { tabindex: "0", "aria-label": title }, cut));
}

function nodeCard(node, begin, span) {
  const start = node.startedAt ? new Date(node.startedAt) - begin : 0;
  const length = node.startedAt && node.finishedAt ? new Date(node.finishedAt) - new Date(node.startedAt) : 0;
  const bar = make("span", { class: "bar", "aria-hidden": "true" }, make("i"));
  bar.firstChild.style.left = `${Math.min(97, (100 * start) / span)}%`;
  bar.firstChild.style.width = `${Math.min(100, (100 * length) / span)}%`;
  const meta = [took(node.startedAt, node.finishedAt)];
  if (node.attempts > 1) meta.unshift(`${node.attempts} attempts`);
  if (node.maybeDuplicated) meta.unshift("maybe duplicated");
  if (node.iteration?.length) meta.unshift(`iteration ${node.iteration.map((place) => place + 1).join(".")}`);
  const summary = make("summary", {}, pill(node.status), make("span", { class: "name" }, node.name), node.credentialId ? make("code", { title: "The credential it used, by ID" }, node.credentialId) : null,
    make("span", { class: "meta" }, meta.join(" · ")), bar);
  const card = make("details", { class: "card node", open: node.status === "failed" }, summary);
  if (node.error) card.append(make("p", { class: "notice bad" }, `${node.error.message} (${node.error.code})`));
  card.append(make("div", { class: "panes" }, pane("Input", node.input), pane("Output", node.output)));
  if (node.logs?.length) card.append(make("div", { class: "panes" }, pane("Log", node.logs)));
  return card;
}

async function one(id) {
  show("Execution", make("h1", {}, "Execution"), make("p", { class: "lead" }, "Loading…"));
  try {
    const execution = await get(`/api/executions/${encodeURIComponent(id)}`);
    const fact = (name, ...value) => make("div", {}, make("dt", {}, name), make("dd", {}, ...value));
    const begin = new Date(execution.createdAt);
    const span = Math.max(1, (execution.finishedAt ? new Date(execution.finishedAt) : new Date()) - begin);
    const reload = make("button", { type: "button" }, "Reload");
    reload.addEventListener("click", () => one(id));
    show("Execution", make("p", { class: "lead" }, make("a", { href: "/logs" }, "Executions"), " / ", make("span", { class: "mono" }, id)),
      make("h1", {}, execution.workflowName || "Execution"),
      execution.error ? make("p", { class: "notice bad" }, `${execution.error.message} (${execution.error.code})`) : null,
      make("div", { class: "card" }, make("dl", { class: "facts" }, fact("Status", pill(execution.status)), fact("Trigger", triggerName(execution.trigger)),
        fact("Accepted", when(execution.createdAt)), fact("Took", took(execution.createdAt, execution.finishedAt)),
        fact("Workflow", make("code", {}, execution.workflowId), execution.workflowVersion ? ` version ${execution.workflowVersion}` : ""))),
      make("h2", {}, "Nodes"), ...execution.nodes.map((node) => nodeCard(node, begin, span)),
      make("h2", {}, "Result"), make("div", { class: "card" }, pane("Output", execution.output)),
      make("div", { class: "actions" }, reload, make("a", { href: "/api/openapi.json", target: "_blank", rel: "noreferrer" }, "API description")));
  } catch (error) { failure(error, () => one(id)); }
}

function gate(message = "") {
  key = "";
  document.title = "Flero";
  view.hidden = true;
  byId("sign-out").hidden = true;
  byId("gate").hidden = false;
  byId("gate-error").textContent = message;
  byId("key").focus();
}

function route() {
  if (!key) return gate();
  for (const link of document.querySelectorAll("nav a")) {
    if (link.getAttribute("href") === "/logs") link.setAttribute("aria-current", "page");
  }
  const match = location.pathname.match(/^\/logs\/([^/]+)$/);
  if (match) one(decodeURIComponent(match[1])); else list();
}

/** Follows a link within the page, so that the key in memory is not lost. */
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  if (!link || !key || event.defaultPrevented || event.metaKey || event.ctrlKey || event.shiftKey) return;
  const path = link.getAttribute("href");
  if (path !== "/" && !path.startsWith("/logs")) return;
  event.preventDefault();
  history.pushState(null, "", path);
  route();
  byId("main").focus();
});
byId("gate-form").addEventListener("submit", (event) => {
  event.preventDefault();
  key = byId("key").value.trim();
  byId("key").value = "";
  if (/^flero_[0-9A-Za-z]{36}$/.test(key)) route();
  else gate("This is not one of Flero's API keys: they start with flero_ and have 42 characters.");
});
byId("sign-out").addEventListener("click", () => { view.replaceChildren(); gate(); });
addEventListener("popstate", route);

// `flero demo --keep` prints an address whose fragment holds a short-lived, read-only key. A fragment is never
// sent to a server; it is taken out of the address and the history before anything else happens.
const fragment = new URLSearchParams(location.hash.slice(1));
if (fragment.has("key")) {
  key = fragment.get("key");
  history.replaceState(null, "", location.pathname);
}
route();
