/** Short names for the generated types. */
import type { components } from "#api";

type Schemas = components["schemas"];

export type Me = Schemas["MeBody"];
export type NewWorkflow = Schemas["WorkflowDocumentBody"];
export type Credential = Schemas["CredentialBody"];
export type NewCredential = Schemas["NewCredentialBody"];
export type CredentialPatch = Schemas["CredentialPatchBody"];
export type Verdict = Schemas["TestBody"];
export type Usage = Schemas["UsageBody"];
export type AuditEntry = Schemas["AuditBody"];
export type ApiKey = Schemas["KeyBody"];
export type NewApiKey = Schemas["NewKeyBody"];
export type ExecutionItem = Schemas["ExecutionItem"];
export type ExecutionsMoved = Schemas["ExecutionsMovedBody"];
export type Execution = Schemas["ExecutionBody"];
export type ExecutionStatus = Schemas["ExecutionStatus"];
export type WorkflowEvent = Schemas["WorkflowEvent"];
export type WorkflowStatus = Schemas["WorkflowStatus"];
export type Member = Schemas["MemberBody"];
export type AuthTypeShape = Schemas["AuthTypeBody"];
export type AuthFieldShape = Schemas["AuthFieldBody"];
export type StartOauth = Schemas["StartOauthBody"];
export type StartedOauth = Schemas["StartedBody"];
export type OauthAttempt = Schemas["AttemptBody"];
export type Notification = Schemas["NotificationBody"];
export type Glance = Schemas["GlanceBody"];
export type Webhook = Schemas["EndpointBody"];
export type NewWebhook = Schemas["NewEndpointBody"];
export type OauthApp = Schemas["OauthAppBody"];
export type NewOauthApp = Schemas["NewOauthAppBody"];
export type OauthAppClient = Schemas["OauthAppClientBody"];
export type ScopeEffect = Schemas["ScopeEffectBody"];
