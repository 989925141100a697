/** The HTTP Request node. */

import type { JsonObject } from "../document.ts";
import type { NodeType } from "../nodeTypes.ts";

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];
const ANSWER = "Answer";
const PAGES = "Pages";
const CONNECTION = "Connection";

const pagination = (kind: string) => (values: JsonObject) => values.type === kind;

/** What the path of a URL says, for a line on the canvas. */
function shortUrl(value: unknown): string {
  if (typeof value !== "string") return "";
  return value.replace(/^https?:\/\//, "").replace(/\?.*$/, "");
}

/** The HTTP Request node. */
export const HTTP_REQUEST: NodeType = {
  type: "HTTPRequest",
  label: "HTTP Request",
  summary: "Calls any service by HTTP, with a credential that stays on the server.",
  category: "call",
  icon: "globe",
  words: ["api", "rest", "fetch", "curl", "get", "post", "service", "call"],
  credential: "service",
  retries: true,
  defaults: { method: "GET", url: "" },
  subtitle: (values) =>
    `${typeof values.method === "string" ? values.method : "GET"} ${shortUrl(values.url)}`.trim(),
  fields: [
    {
      kind: "choice",
      name: "method",
      label: "Method",
      fallback: "GET",
      choices: METHODS.map((value) => ({ value, label: value })),
    },
    {
      kind: "text",
      name: "url",
      label: "URL",
      required: true,
      placeholder: "https://api.example.com/orders",
    },
    { kind: "pairs", name: "query", label: "Query", nameLabel: "Parameter" },
    {
      kind: "pairs",
      name: "headers",
      label: "Headers",
      nameLabel: "Header",
      help: "Keys and tokens belong in a credential, not here.",
    },
    {
      kind: "choice",
      name: "bodyType",
      label: "Body",
      fallback: "none",
      fixed: true,
      choices: [
        { value: "none", label: "None" },
        { value: "json", label: "JSON" },
        { value: "form", label: "Form" },
        { value: "multipart", label: "Multipart" },
        { value: "raw", label: "Raw" },
      ],
      when: (values) => values.method !== "GET" && values.method !== "HEAD",
    },
    {
      kind: "value",
      name: "body",
      label: "Body content",
      json: true,
      when: (values) =>
        values.bodyType === "json" ||
        values.bodyType === "raw" ||
        (values.bodyType === undefined && values.body !== undefined),
    },
    {
      kind: "pairs",
      name: "body",
      label: "Body fields",
      when: (values) => values.bodyType === "form" || values.bodyType === "multipart",
    },
    {
      kind: "choice",
      name: "responseFormat",
      label: "Read the answer as",
      group: ANSWER,
      fallback: "auto",
      fixed: true,
      choices: [
        { value: "auto", label: "By its Content-Type" },
        { value: "json", label: "JSON" },
        { value: "text", label: "Text" },
        { value: "file", label: "File" },
      ],
    },
    {
      kind: "flag",
      name: "failOnError",
      label: "A status from 400 on is an error",
      group: ANSWER,
      fallback: true,
    },
    {
      kind: "choice",
      name: "retryOn",
      label: "Try again on",
      group: "Retries",
      fallback: "5xx",
      fixed: true,
      choices: [
        { value: "5xx", label: "Status 5xx" },
        { value: "5xx+timeout", label: "Status 5xx and timeouts" },
        { value: "all", label: "Status from 400, timeouts, failed connections" },
      ],
    },
    {
      kind: "object",
      name: "pagination",
      label: "Further pages",
      group: PAGES,
      fixed: true,
      fields: [
        {
          kind: "choice",
          name: "type",
          label: "How the next page is found",
          required: true,
          fixed: true,
          choices: [
            { value: "next-link", label: "A link in the answer" },
            { value: "cursor", label: "A cursor in the answer" },
            { value: "page", label: "A page number" },
            { value: "offset", label: "An offset" },
          ],
        },
        {
          kind: "text",
          name: "nextPath",
          label: "Where the link stands",
          fixed: true,
          placeholder: "meta.next",
          help: "Leave it empty for the Link header.",
          when: pagination("next-link"),
        },
        {
          kind: "text",
          name: "cursorPath",
          label: "Where the cursor stands",
          fixed: true,
          fallback: "next_cursor",
          when: pagination("cursor"),
        },
        {
          kind: "text",
          name: "cursorParameter",
          label: "Query parameter",
          fixed: true,
          fallback: "cursor",
          when: pagination("cursor"),
        },
        {
          kind: "text",
          name: "pageParameter",
          label: "Query parameter",
          fixed: true,
          fallback: "page",
          when: pagination("page"),
        },
        {
          kind: "number",
          name: "startPage",
          label: "First page",
          min: 0,
          max: 4_294_967_295,
          fixed: true,
          fallback: 1,
          when: pagination("page"),
        },
        {
          kind: "text",
          name: "offsetParameter",
          label: "Query parameter",
          fixed: true,
          fallback: "offset",
          when: pagination("offset"),
        },
        {
          kind: "number",
          name: "startOffset",
          label: "First offset",
          min: 0,
          max: 4_294_967_295,
          fixed: true,
          fallback: 0,
          when: pagination("offset"),
        },
        {
          kind: "text",
          name: "limitParameter",
          label: "Parameter for the size",
          fixed: true,
          when: pagination("offset"),
        },
        {
          kind: "number",
          name: "limit",
          label: "Items per page",
          min: 1,
          max: 100_000,
          fixed: true,
          fallback: 100,
          when: pagination("offset"),
        },
        {
          kind: "text",
          name: "itemsPath",
          label: "Where the items stand",
          fixed: true,
          placeholder: "data.items",
        },
        {
          kind: "number",
          name: "maxPages",
          label: "At most",
          min: 1,
          max: 1_000,
          fixed: true,
          fallback: 100,
          help: "Pages.",
        },
      ],
    },
    {
      kind: "duration",
      name: "timeoutMs",
      label: "Give up after",
      min: 1,
      max: 600_000,
      group: CONNECTION,
      fallback: 30_000,
    },
    {
      kind: "flag",
      name: "followRedirects",
      label: "Follow redirects",
      group: CONNECTION,
      fallback: true,
      help: "The credential is never sent to another host.",
    },
    {
      kind: "flag",
      name: "validateSsl",
      label: "Check the TLS certificate",
      group: CONNECTION,
      fallback: true,
    },
  ],
};
