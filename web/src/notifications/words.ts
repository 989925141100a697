/** The categories of notifications in words, and where each one leads. */
import type { Notification } from "../api/types.ts";

export interface Category {
  readonly name: string;
  readonly label: string;
  readonly hint: string;
  /** Whether it is about one's own account: that is always mailed at once, and never sent to a webhook. */
  readonly isAccount?: boolean;
}

export const CATEGORIES: readonly Category[] = [
  { name: "execution.failed", label: "A run failed", hint: "One that nobody started by hand." },
  {
    name: "credential.expired",
    label: "A credential expired",
    hint: "Its end has passed, or the service ended the grant.",
  },
  { name: "credential.failing", label: "A credential is refused", hint: "The service no longer accepts it." },
  { name: "credential.active", label: "A credential works again", hint: "The service takes it again." },
  { name: "credential.expiring", label: "A credential ends soon", hint: "A week before its end, and a day." },
  { name: "credential.rotation_due", label: "A rotation is due", hint: "Again each week until it is done." },
  {
    name: "credential.rotated",
    label: "Somebody rotated a credential",
    hint: "Or put its former secret back.",
  },
  { name: "credential.revoked", label: "Somebody revoked a credential", hint: "It cannot be used any more." },
  {
    name: "scope.requested",
    label: "Somebody asks for a wider scope",
    hint: "Of a credential; you can decide on it.",
  },
  {
    name: "scope.decided",
    label: "Your request for a wider scope was decided",
    hint: "Or nobody decided in time.",
  },
  {
    name: "session.unusual",
    label: "Sign-in from a new place",
    hint: "An address or a browser that was not seen before.",
    isAccount: true,
  },
  {
    name: "account.sign_in_changed",
    label: "How you sign in changed",
    hint: "A second factor, the recovery codes or the password.",
    isAccount: true,
  },
];

/** A category in words; its own name where a newer server knows more of them. */
export const categoryLabel = (name: string): string =>
  CATEGORIES.find((category) => category.name === name)?.label ?? name;

/** How often mails are sent. */
export const FREQUENCIES = [
  { value: "immediately", label: "At once" },
  { value: "daily", label: "Once a day" },
  { value: "never", label: "Never" },
] as const;

/** How bad it is: what has stopped working, what should be looked at, what is only told. */
export function toneOf(category: string): "bad" | "warn" | "good" | "info" {
  if (/\.(failed|expired|failing|revoked)$/.test(category)) return "bad";
  if (/\.(expiring|rotation_due|unusual|sign_in_changed)$/.test(category)) return "warn";
  return category === "credential.active" ? "good" : "info";
}

/** The screen that a notification is about, as an address. */
export function placeOf({ category, subject }: Pick<Notification, "category" | "subject">): string {
  const id = encodeURIComponent(subject);
  if (category.startsWith("execution.")) return `/logs?status=failed&workflowId=${id}`;
  if (category.startsWith("credential.")) return `/settings/credentials?credential=${id}`;
  if (category.startsWith("scope.")) return `/settings/requests?show=all&request=${id}`;
  return "/settings/security";
}
