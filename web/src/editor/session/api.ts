/** What the editor asks of the server, as its own types. */

import type { components } from "#api";
import { api, value } from "../../api/client.ts";
import { ApiError } from "../../api/problem.ts";
import type { Connector, Operation } from "../../catalog/types.ts";
import { readDocument, type WorkflowDocument, writeDocument } from "../model/document.ts";
import type { Field } from "../model/fields.ts";
import { fieldsOf } from "../model/schema.ts";
import { eventFields } from "../model/types/connector.ts";
import type { SaveResult } from "./autosave.ts";
import { runEvents } from "./events.ts";
import type { Run, RunEvent } from "./run.ts";

type Schemas = components["schemas"];

/** What is known of a workflow besides its document. */
export type WorkflowFacts = Readonly<
  Pick<Schemas["WorkflowItem"], "id" | "status" | "version" | "activeVersion" | "updatedAt"> & {
    webhookUrl: string | null;
    /** The next times at which its schedule fires. */
    nextRuns: readonly string[];
  }
>;

/** A workflow with its document. */
export interface OpenWorkflow {
  readonly facts: WorkflowFacts;
  readonly document: WorkflowDocument;
  readonly etag: string;
}

function open(body: Schemas["WorkflowBody"], response: Response): OpenWorkflow {
  const { id, status, version, activeVersion, updatedAt, webhookUrl = null, nextRuns = [] } = body;
  return {
    facts: { id, status, version, activeVersion, updatedAt, webhookUrl, nextRuns },
    document: readDocument(body),
    etag: response.headers.get("etag") ?? "",
  };
}

/** Reads a workflow. */
export async function loadWorkflow(id: string): Promise<OpenWorkflow> {
  const call = await api.GET("/api/workflows/{id}", { params: { path: { id } } });
  return open(await value(Promise.resolve(call)), call.response);
}

/** Saves a document that stands on the version with this ETag. */
export async function saveWorkflow(
  id: string,
  document: WorkflowDocument,
  etag: string,
): Promise<SaveResult & { readonly opened?: OpenWorkflow }> {
  try {
    const call = await api.PUT("/api/workflows/{id}", {
      params: { path: { id }, header: { "If-Match": etag } },
      body: writeDocument(document),
    });
    const opened = open(await value(Promise.resolve(call)), call.response);
    return {
      kind: "saved",
      etag: opened.etag,
      version: opened.facts.version,
      opened,
    };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status === 412) return { kind: "conflict" };
    if (error.status === undefined || error.status >= 500 || error.status === 429) {
      return { kind: "unreachable", message: error.message };
    }
    return { kind: "refused", message: error.message, faults: error.problem.errors ?? [] };
  }
}

/** What the server says about a document that is not saved. */
export type Findings = Schemas["FindingsBody"];

/** Asks what keeps a document from being saved, and what looks like a secret in it. */
export async function checkWorkflow(document: WorkflowDocument, signal: AbortSignal): Promise<Findings> {
  return value(api.POST("/api/workflows/check", { body: writeDocument(document), signal }));
}

/** An output that a node is taken to have. */
export type Given = Schemas["GivenBody"];

/** Reads the inputs of an operation, or what an event asks for, as fields. */
export async function loadFields(
  connector: string,
  name: string,
  kind: "operation" | "event",
): Promise<readonly Field[]> {
  if (kind === "event") {
    const params = { path: { connector } };
    const found = (await value(api.GET("/api/connectors/{connector}", { params }))) as Connector;
    return eventFields(found.triggers.find(({ id }) => id === name)?.input ?? {});
  }
  const params = { path: { connector, operation: name } };
  const found = await value(api.GET("/api/connectors/{connector}/operations/{operation}", { params }));
  return fieldsOf(found as Operation);
}

/** Starts a run of the saved version; gives its id. */
export async function startRun(id: string, input: unknown): Promise<string> {
  const body = { input: input as Record<string, unknown> };
  const accepted = await value(api.POST("/api/workflows/{id}/run", { params: { path: { id } }, body }));
  return (accepted as Schemas["AcceptedBody"]).executionId;
}

/** Starts a test: of one node, or of the whole workflow with given outputs. */
export async function startTest(
  id: string,
  test: { readonly node?: string; readonly input: unknown; readonly given: Record<string, Given> },
): Promise<string> {
  const body = { ...test, input: test.input as Record<string, unknown> };
  const accepted = await value(api.POST("/api/workflows/{id}/test", { params: { path: { id } }, body }));
  return (accepted as Schemas["AcceptedBody"]).executionId;
}

/** Reads a run. */
export async function loadRun(id: string, signal?: AbortSignal): Promise<Run> {
  return (await value(
    api.GET("/api/executions/{id}", { params: { path: { id } }, ...(signal ? { signal } : {}) }),
  )) as Run;
}

/** The events of a run, until it ends or the signal stops them. */
export async function* watchRun(id: string, signal: AbortSignal): AsyncGenerator<RunEvent> {
  const { data, response } = await api.GET("/api/executions/{id}/events", {
    params: { path: { id } },
    parseAs: "stream",
    signal,
  });
  if (response.ok && data) yield* runEvents(data as unknown as ReadableStream<Uint8Array>);
}

/** A page of the last runs of a workflow. */
export async function lastRuns(workflowId: string, limit = 5): Promise<readonly Schemas["ExecutionItem"][]> {
  const page = await value(api.GET("/api/executions", { params: { query: { workflowId, limit } } }));
  return page.items;
}

/** Evaluates expressions on the server. */
export async function preview(
  body: {
    readonly value: unknown;
    readonly roots: Record<string, unknown>;
    readonly nodes: Record<string, unknown>;
  },
  signal: AbortSignal,
): Promise<Schemas["PreviewedBody"]> {
  return value(api.POST("/api/expressions/preview", { body, signal }));
}

/** The saved versions, newest first. */
export async function loadVersions(id: string): Promise<readonly Schemas["VersionBody"][]> {
  const page = await value(
    api.GET("/api/workflows/{id}/versions", { params: { path: { id }, query: { limit: 200 } } }),
  );
  return page.items;
}

/** The document of a version. */
export async function loadVersion(id: string, version: number): Promise<WorkflowDocument> {
  const body = await value(
    api.GET("/api/workflows/{id}/versions/{version}", { params: { path: { id, version } } }),
  );
  return readDocument(body.document);
}

/** Saves a former version as the newest one. */
export async function rollBack(id: string, version: number): Promise<void> {
  await value(
    api.POST("/api/workflows/{id}/versions/{version}/rollback", { params: { path: { id, version } } }),
  );
}

/** Sets the status. */
export async function setStatus(id: string, status: WorkflowFacts["status"]): Promise<OpenWorkflow> {
  const call = await api.POST("/api/workflows/{id}/status", { params: { path: { id } }, body: { status } });
  return open(await value(Promise.resolve(call)), call.response);
}

/** Reads a cURL command as a node; the secrets in it are dropped by the server. */
export async function importCurl(command: string) {
  return value(api.POST("/api/workflows/import-curl", { body: { command } }));
}
