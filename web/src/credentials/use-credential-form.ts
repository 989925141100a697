/** The form's state and what can be done with it: check, test, save. */
import { useState } from "react";
import { ApiError } from "../api/problem.ts";
import type { Credential } from "../api/types.ts";
import { usableApps } from "../oauth-apps/levels.ts";
import { notify } from "../ui/notify.ts";
import {
  type Beginning,
  begun,
  type CredentialForm,
  dataOf,
  emptyForm,
  formOf,
  labelsOf,
  missing,
  newBody,
  patchBody,
  withoutSecrets,
} from "./form-state.ts";
import { saveAttempt } from "./oauth/attempt.ts";
import { useConnect } from "./oauth/use-connect.ts";
import { credentialActs, useCredentialAct } from "./queries.ts";
import type { Service } from "./service/use-service.ts";
import { useScopes } from "./use-scopes.ts";
import { CLIENT_FIELDS, needsPerson, type Way, wayOf, withApp } from "./ways.ts";
import { DEVICE_GRANT } from "./words.ts";

interface Options {
  service: Service;
  stored?: Credential | undefined;
  beginning?: Beginning | undefined;
  onSaved: (credential: Credential) => void;
}

/** The way that a form opens with: of what is stored, of what is at hand already, else the first. */
function firstWay(service: Service, stored?: Credential, beginning?: Beginning): Way | undefined {
  if (stored) return wayOf(stored, service.ways);
  const fitting = service.ways.find(({ authType }) => authType === beginning?.authType);
  return fitting ?? service.ways[0];
}

/** The app that a new credential uses unless somebody chooses: the nearest; none where a client is not asked for. */
const nearestApp = (service: Service, way: Way, scope: string): string =>
  way.takesApp ? (usableApps(service.apps ?? [], service.id, scope)[0]?.id ?? "") : "";

export function useCredentialForm({ service, stored, beginning, onSaved }: Options) {
  const scopes = useScopes();
  const [whole, setWhole] = useState<Way>(() => firstWay(service, stored, beginning) as Way);
  const [form, setForm] = useState<CredentialForm>(() => {
    if (stored) return formOf(stored, whole);
    const scope =
      scopes.find(({ value, disabled }) => value === "workspace" && !disabled)?.value ?? "personal";
    const name = service.connector ? service.name : "";
    const empty = { ...emptyForm(whole, service.id), name, scope, app: nearestApp(service, whole, scope) };
    return beginning ? begun(empty, whole, beginning) : empty;
  });
  const way = withApp(whole, form.app);
  const apps = whole.takesApp ? usableApps(service.apps ?? [], service.id, form.scope) : [];
  const [isTried, setIsTried] = useState(false);
  const [held, setHeld] = useState<readonly string[]>([]);
  // From then on the server holds what was typed, and the attempt is saved by its ID alone: nothing has to stay here.
  const connect = useConnect(() => {
    setHeld(Object.keys(dataOf(form, way)));
    setForm((before) => withoutSecrets(before, whole));
  });
  const done = (credential: Credential) => {
    const text = stored ? "is up to date." : "is ready to be used.";
    notify.done(stored ? "Saved" : "Added", `${credential.name} ${text}`);
    onSaved(credential);
  };
  const create = useCredentialAct(credentialActs.create, done);
  const update = useCredentialAct(credentialActs.update, done);
  const save = useCredentialAct(saveAttempt, done);
  const test = useCredentialAct(credentialActs.testNew);
  const { state } = connect.connection;
  const isConnected = state === "connected";
  const refusal = connect.connection.state === "failed" ? connect.connection.error : undefined;
  const failure = create.error ?? update.error ?? save.error ?? test.error;

  const gaps = isTried ? missing(form, way, stored, isConnected) : {};
  const wrong = (pointer: string) => {
    const told = failure ?? refusal;
    return gaps[pointer] ?? (told instanceof ApiError ? told.list(pointer) : undefined);
  };
  const isComplete = () => {
    setIsTried(true);
    return Object.keys(missing(form, way, stored, isConnected)).length === 0;
  };
  const set = (change: Partial<CredentialForm>) =>
    setForm((before) => {
      const next = { ...before, ...change };
      // With another scope an app may not be usable any more; the nearest that is takes its place.
      const isUsable = usableApps(service.apps ?? [], service.id, next.scope).some(
        ({ id }) => id === next.app,
      );
      const isLost = change.scope !== undefined && next.app !== "" && !isUsable;
      return isLost ? { ...next, app: nearestApp(service, whole, next.scope) } : next;
    });
  const isAllowed = needsPerson(way, form.values) && stored === undefined;

  return {
    way,
    form,
    set,
    scopes,
    wrong,
    failure,
    hasGaps: Object.keys(gaps).length > 0,
    connect,
    test,
    isSaving: create.isPending || update.isPending || save.isPending,
    /** Whether the account is connected in the browser before there is anything to save. */
    needsConnection: isAllowed,
    /** The secrets that the server holds already, since the account is connected. */
    held: isConnected ? held : [],
    /** Whether what was agreed to must not be changed now. */
    isLocked: state === "starting" || state === "waiting" || isConnected,
    /** The apps that can stand in for a client of the credential's own. */
    apps,
    /** Takes the client of an app, or asks for one. What was typed of an own client is forgotten with the former. */
    chooseApp: (app: string) => {
      setForm((before) => ({
        ...before,
        app,
        values: Object.fromEntries(
          Object.entries(before.values).filter(([name]) => !CLIENT_FIELDS.includes(name)),
        ),
      }));
      setIsTried(false);
      connect.reset();
      test.reset();
    },
    choose: (next: Way) => {
      setWhole(next);
      setForm((before) => ({
        ...emptyForm(next, service.id),
        name: before.name,
        scope: before.scope,
        app: nearestApp(service, next, before.scope),
        hosts: before.hosts,
        notes: before.notes,
        expiresAt: before.expiresAt,
        rotateEveryDays: before.rotateEveryDays,
      }));
      setIsTried(false);
      connect.reset();
      test.reset();
    },
    tryOut: () => {
      if (isComplete()) test.mutate(newBody(form, way));
    },
    /** Gives the connection up. What was secret has to be typed again, and is not asked for before the next attempt. */
    change: () => {
      connect.reset();
      setIsTried(false);
    },
    authorize: () => {
      if (!isComplete()) return;
      const isDevice = form.values.grantType === DEVICE_GRANT;
      // The redirect URI of the generic service ends in an identifier that is made now: it has to be registered first.
      connect.start(newBody(form, way), service.connector === undefined || isDevice);
    },
    submit: () => {
      test.reset();
      if (!isComplete()) return;
      if (stored) update.mutate({ id: stored.id, body: patchBody(form, way, stored) });
      else if (connect.connection.state === "connected") {
        const { attemptId } = connect.connection.started;
        save.mutate({ attemptId, name: form.name.trim(), ...labelsOf(form) });
      } else create.mutate(newBody(form, way));
    },
  };
}

export type FormActs = ReturnType<typeof useCredentialForm>;
