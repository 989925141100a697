/** The triggers: where a run begins. */

import type { Field } from "../fields.ts";
import type { NodeType } from "../nodeTypes.ts";

const LIMITS = "Limits";

/** The options of every trigger; they hold for runs of webhooks, schedules and events. */
export const OPTIONS: readonly Field[] = [
  {
    kind: "value",
    name: "activeWhen",
    label: "Only when",
    group: LIMITS,
    help: "An expression. The run starts only when it is true.",
    placeholder: "{{ $trigger.body.total > 0 }}",
  },
  {
    kind: "value",
    name: "idempotencyKey",
    label: "Once per",
    group: LIMITS,
    help: "A second run with the same key does not start.",
    placeholder: "{{ $trigger.body.id }}",
  },
  {
    kind: "object",
    name: "concurrency",
    label: "Runs at once",
    group: LIMITS,
    fixed: true,
    fields: [
      { kind: "number", name: "max", label: "At most", min: 1, max: 10_000, required: true, fixed: true },
      {
        kind: "choice",
        name: "whenFull",
        label: "When full",
        fallback: "wait",
        fixed: true,
        choices: [
          { value: "wait", label: "Wait for a place" },
          { value: "reject", label: "Refuse" },
        ],
      },
    ],
  },
  {
    kind: "object",
    name: "rateLimit",
    label: "Rate limit",
    group: LIMITS,
    fixed: true,
    fields: [
      { kind: "number", name: "max", label: "At most", min: 1, max: 1_000_000, required: true, fixed: true },
      { kind: "duration", name: "perMs", label: "Per", min: 1, max: 86_400_000, required: true, fixed: true },
    ],
  },
];

const METHODS = ["POST", "GET", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "ANY"];

const WEBHOOK: readonly Field[] = [
  {
    kind: "text",
    name: "path",
    label: "Path",
    required: true,
    fixed: true,
    maxLength: 200,
    placeholder: "orders",
    help: "Below /webhook/. Unique among all active workflows.",
  },
  {
    kind: "choice",
    name: "method",
    label: "Method",
    fixed: true,
    fallback: "POST",
    choices: METHODS.map((value) => ({ value, label: value === "ANY" ? "Any method" : value })),
  },
  {
    kind: "choice",
    name: "responseMode",
    label: "Answer",
    fixed: true,
    buttons: true,
    fallback: "immediately",
    choices: [
      { value: "immediately", label: "Immediately", help: "200 as soon as the run is accepted." },
      { value: "onCompletion", label: "When done", help: "With what the run returns." },
    ],
  },
  {
    kind: "number",
    name: "responseCode",
    label: "Status of a good answer",
    min: 200,
    max: 599,
    fixed: true,
    fallback: 200,
    when: (values) => values.responseMode === "onCompletion",
  },
  {
    kind: "choice",
    name: "payloadType",
    label: "Body is read as",
    fixed: true,
    fallback: "auto",
    choices: [
      { value: "auto", label: "By its Content-Type" },
      { value: "json", label: "JSON" },
      { value: "form", label: "Form" },
      { value: "text", label: "Text" },
      { value: "binary", label: "Binary (base64)" },
    ],
  },
  {
    kind: "texts",
    name: "allowedOrigins",
    label: "Origins of browsers",
    fixed: true,
    placeholder: "https://app.example.com",
    help: "Which web pages may call it. None by default; * allows all.",
  },
  ...OPTIONS,
];

const DAYS = [
  ["mon", "Monday"],
  ["tue", "Tuesday"],
  ["wed", "Wednesday"],
  ["thu", "Thursday"],
  ["fri", "Friday"],
  ["sat", "Saturday"],
  ["sun", "Sunday"],
].map(([value, label]) => ({ value: value as string, label: label as string }));

const SCHEDULE: readonly Field[] = [
  {
    kind: "choice",
    name: "type",
    label: "When",
    required: true,
    fixed: true,
    buttons: true,
    choices: [
      { value: "interval", label: "Every" },
      { value: "cron", label: "Cron" },
      { value: "once", label: "Once" },
    ],
  },
  {
    kind: "duration",
    name: "intervalMs",
    label: "Every",
    min: 1_000,
    max: 366 * 86_400_000,
    required: true,
    fixed: true,
    when: (values) => values.type === "interval",
  },
  {
    kind: "text",
    name: "cron",
    label: "Cron pattern",
    required: true,
    fixed: true,
    placeholder: "0 8 * * mon-fri",
    help: "Minute, hour, day of month, month, day of week.",
    when: (values) => values.type === "cron",
  },
  {
    kind: "moment",
    name: "at",
    label: "At",
    required: true,
    fixed: true,
    when: (values) => values.type === "once",
  },
  {
    kind: "text",
    name: "timeZone",
    label: "Time zone",
    fixed: true,
    fallback: "UTC",
    placeholder: "Europe/Berlin",
    help: "A name of the IANA database.",
  },
  {
    kind: "object",
    name: "window",
    label: "Active window",
    fixed: true,
    group: LIMITS,
    fields: [
      { kind: "moment", name: "from", label: "From", fixed: true },
      { kind: "moment", name: "until", label: "Until", fixed: true },
      { kind: "texts", name: "days", label: "Days", fixed: true, oneOf: DAYS },
      {
        kind: "object",
        name: "hours",
        label: "Hours",
        fixed: true,
        fields: [
          { kind: "text", name: "from", label: "From", fixed: true, placeholder: "08:00", required: true },
          { kind: "text", name: "to", label: "To", fixed: true, placeholder: "18:00", required: true },
        ],
      },
    ],
  },
  {
    kind: "value",
    name: "payload",
    label: "Payload",
    json: true,
    group: LIMITS,
    help: "Given to the run beside the times.",
  },
  ...OPTIONS,
];

const text = (value: unknown): string => (typeof value === "string" ? value : "");

/** The types of this file. */
export const TRIGGERS: readonly NodeType[] = [
  {
    type: "Start",
    label: "Start",
    summary: "Begins when a person presses Run, or a program asks for it.",
    category: "trigger",
    icon: "play",
    words: ["manual", "begin", "run", "test"],
    trigger: true,
    fields: OPTIONS,
    defaults: {},
    subtitle: () => "When somebody runs it",
  },
  {
    type: "WebhookTrigger",
    label: "Webhook",
    summary: "Begins when a service or a page calls a URL of Flero.",
    category: "trigger",
    icon: "webhook",
    words: ["http", "url", "incoming", "receive", "api", "trigger"],
    trigger: true,
    credential: "inbound",
    fields: WEBHOOK,
    defaults: { path: "", method: "POST", responseMode: "immediately" },
    subtitle: (values) => `${text(values.method) || "POST"} /webhook/${text(values.path)}`,
  },
  {
    type: "ScheduleTrigger",
    label: "Schedule",
    summary: "Begins by the clock: every so often, by a cron pattern, or once.",
    category: "trigger",
    icon: "clock",
    words: ["cron", "timer", "interval", "time", "daily", "hourly", "trigger"],
    trigger: true,
    fields: SCHEDULE,
    defaults: { type: "interval", intervalMs: 3_600_000, timeZone: "UTC" },
    subtitle: (values) => {
      if (values.type === "cron") return text(values.cron) || "Cron pattern";
      if (values.type === "once") return text(values.at) || "Once";
      return typeof values.intervalMs === "number" ? `Every ${durationText(values.intervalMs)}` : "Every …";
    },
  },
  {
    type: "ErrorTrigger",
    label: "Error trigger",
    summary: "Begins when a workflow that names this one has failed.",
    category: "trigger",
    icon: "siren",
    words: ["failure", "alert", "catch", "trigger"],
    trigger: true,
    fields: OPTIONS,
    defaults: {},
    subtitle: () => "When another workflow fails",
  },
];

/** A duration in words: the largest unit in which it is a whole number. */
export function durationText(milliseconds: number): string {
  const units: readonly (readonly [number, string])[] = [
    [86_400_000, "day"],
    [3_600_000, "hour"],
    [60_000, "minute"],
    [1_000, "second"],
  ];
  for (const [size, word] of units) {
    if (milliseconds >= size && milliseconds % size === 0) {
      const count = milliseconds / size;
      return count === 1 ? word : `${count} ${word}s`;
    }
  }
  return `${milliseconds} ms`;
}
