/** Passkeys: what the server asks goes to the browser, and what the device answers goes back. */
import { ApiError } from "../api/problem.ts";

/** What the server sends and takes; only the browser looks into it. */
type Opaque = Record<string, unknown>;

/** Whether this browser can read what the server asks of a passkey. */
export const canUsePasskeys = (): boolean =>
  typeof PublicKeyCredential !== "undefined" && "parseRequestOptionsFromJSON" in PublicKeyCredential;

/** Whether passkeys work at this address: `localhost` is where they do on the machine itself, `no` is nowhere. */
export type PasskeyPlace = "here" | "localhost" | "no";

/** Passkeys belong to a name. An address is none; on loopback the server takes `localhost` for it. */
export function passkeyPlace(hostname: string, canUse: boolean = canUsePasskeys()): PasskeyPlace {
  if (!canUse) return "no";
  if (/^127\.|^\[::1\]$/.test(hostname)) return "localhost";
  return /^[\d.]+$|^\[/.test(hostname) ? "no" : "here";
}

/** This page's address under the name that passkeys work with. */
export function atLocalhost(address: string = window.location.href): string {
  const url = new URL(address);
  url.hostname = "localhost";
  return url.href;
}

/** A person who closes the browser's window, and a device without the passkey, give the same answer. */
function inWords(cause: unknown): ApiError {
  const name = cause instanceof DOMException ? cause.name : "";
  const known: Record<string, string> = {
    NotAllowedError: "No passkey was used. Try again, and choose it in the window of the browser.",
    InvalidStateError: "This device has a passkey for your account already.",
    SecurityError: "Passkeys belong to the address that the server is set up with. Open Flero there.",
  };
  const detail = known[name] ?? "The browser could not use a passkey. Try again, or take another way.";
  return new ApiError(undefined, { title: "The passkey was not used", detail });
}

async function asked(ask: () => Promise<Credential | null>): Promise<Opaque> {
  const credential = await ask().catch((cause: unknown) => {
    throw inWords(cause);
  });
  if (!(credential instanceof PublicKeyCredential)) throw inWords(undefined);
  return credential.toJSON() as Opaque;
}

/** Proves who is there with a passkey. */
export const proveByPasskey = ({ publicKey }: { publicKey?: unknown }): Promise<Opaque> =>
  asked(async () =>
    navigator.credentials.get({
      publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(
        publicKey as PublicKeyCredentialRequestOptionsJSON,
      ),
    }),
  );

/** Makes a passkey on a device. */
export const makePasskey = ({ publicKey }: { publicKey?: unknown }): Promise<Opaque> =>
  asked(async () =>
    navigator.credentials.create({
      publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(
        publicKey as PublicKeyCredentialCreationOptionsJSON,
      ),
    }),
  );
