/**
 * The words of the credentials screen: what people call auth types, scopes and the fields of the generic service.
 * What there is to ask comes from the API; a field without words here is shown by its name and the server's sentence.
 */

interface TypeWords {
  label: string;
  /** One line for the radio. */
  hint: string;
}

const TYPES: Record<string, TypeWords> = {
  bearer: { label: "Bearer token", hint: "A token in the Authorization header" },
  apiKey: { label: "API key", hint: "A key in a header, the query, a cookie or the body" },
  basic: { label: "Basic auth", hint: "User name and password" },
  oauth2: { label: "OAuth 2.0", hint: "Tokens that Flero fetches and renews by itself" },
  customHeaders: { label: "Custom headers", hint: "Any number of secret headers" },
  digest: { label: "Digest auth", hint: "User name and password, never sent in clear" },
  certificate: { label: "Client certificate", hint: "TLS certificate and private key" },
  awsSigV4: { label: "AWS signature", hint: "Access key; requests are signed (SigV4)" },
  serviceAccount: { label: "Service account", hint: "A JSON key file, exchanged for tokens" },
  oauth1: { label: "OAuth 1.0a", hint: "Signed requests of older services" },
  database: { label: "Database", hint: "PostgreSQL, MySQL, MariaDB" },
  mail: { label: "Mail account", hint: "A user of an SMTP or IMAP server" },
  custom: { label: "Custom", hint: "Several values, each in its place" },
};

/** What people call an auth type. */
export const authTypeLabel = (name: string): string => TYPES[name]?.label ?? name;
export const authTypeHint = (name: string): string => TYPES[name]?.hint ?? "";

/** The groups of the filter: a bearer token counts as an API key, everything that is left as custom. */
export const TYPE_GROUPS = [
  { value: "oauth2", label: "OAuth 2.0", types: ["oauth2"] },
  { value: "apiKey", label: "API key", types: ["apiKey", "bearer"] },
  { value: "basic", label: "Basic auth", types: ["basic"] },
  {
    value: "custom",
    label: "Custom",
    types: Object.keys(TYPES).filter((name) => !["oauth2", "apiKey", "bearer", "basic"].includes(name)),
  },
];

/** The scopes, widest last, with the line that the form shows. */
export const SCOPES = [
  {
    value: "personal",
    label: "Personal",
    hint: "Only you, in this workspace. Nobody else sees that it exists.",
  },
  {
    value: "workspace",
    label: "Workspace",
    hint: "Everybody in this workspace who may build or run workflows.",
  },
  {
    value: "organization",
    label: "Organization",
    hint: "Every workspace of the organization. An organization admin decides.",
  },
] as const;

export const scopeLabel = (scope: string): string =>
  SCOPES.find((entry) => entry.value === scope)?.label ?? scope;

/** The grants of OAuth 2 in plain words, the one with a person first. */
export const DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code";
const JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const EXCHANGE_GRANT = "urn:ietf:params:oauth:grant-type:token-exchange";
const GRANTS = [
  { value: "authorization_code", label: "A person allows the access in the browser" },
  { value: "client_credentials", label: "The app acts for itself (client credentials)" },
  { value: DEVICE_GRANT, label: "A person types a code on another device" },
  { value: JWT_GRANT, label: "A signed assertion is the grant (JWT bearer)" },
  { value: EXCHANGE_GRANT, label: "Another token is exchanged" },
];

type Values = Record<string, string>;

/** How a field of the generic service is shown. */
export interface FieldWords {
  label?: string;
  help?: string;
  placeholder?: string;
  initial?: string;
  /** Words for values; those that the API lists are shown with these words. */
  choices?: { value: string; label: string }[];
  /** Where the auth type cannot do without it although the table can. */
  isNeeded?: (values: Values) => boolean;
  /** Whether it belongs to what was chosen so far. */
  isShown?: (values: Values) => boolean;
  /** Whether it waits behind "More settings". */
  isMore?: boolean;
}

const grantIs =
  (...grants: string[]) =>
  (values: Values) =>
    grants.includes(values.grantType ?? "");
const provesByKey = (values: Values) =>
  values.clientAuthMethod === "private_key_jwt" || values.grantType === JWT_GRANT;
const hasNoIssuer = (values: Values) => (values.issuer ?? "") === "";

/** By `authType.name` first, then by `name`. */
const FIELDS: Record<string, FieldWords> = {
  token: { label: "Token", help: "Sent as “Authorization: Bearer …”." },
  username: { label: "User name" },
  password: { label: "Password" },
  "apiKey.in": {
    label: "Where it goes",
    initial: "header",
    choices: [
      { value: "header", label: "Header" },
      { value: "query", label: "Query parameter" },
      { value: "cookie", label: "Cookie" },
      { value: "path", label: "Path" },
      { value: "body", label: "Body" },
    ],
  },
  "apiKey.name": {
    label: "Name of the header or parameter",
    placeholder: "X-Api-Key",
    initial: "X-Api-Key",
    help: "",
  },
  "apiKey.prefix": {
    label: "Prefix",
    placeholder: "Token ",
    help: "Text in front of the key; often none.",
  },
  "apiKey.key": { label: "Key" },
  "serviceAccount.key": { label: "Key file", help: "The whole JSON file that the service gave you." },
  headers: { label: "Headers" },
  certificate: { label: "Certificate", placeholder: "-----BEGIN CERTIFICATE-----" },
  ca: { label: "The service's authority", isMore: true },
  "database.ca": { label: "The server's authority", isMore: true },
  privateKey: { label: "Private key", help: "As PEM, or a PKCS#12 file in Base64." },
  passphrase: { label: "Passphrase of the key" },
  accessKeyId: { label: "Access key ID", placeholder: "AKIAIOSFODNN7EXAMPLE", help: "" },
  secretAccessKey: { label: "Secret access key" },
  sessionToken: { label: "Session token" },
  region: { label: "Region", placeholder: "eu-central-1" },
  awsService: { label: "Service", placeholder: "s3" },
  roleArn: {
    label: "Role to assume",
    placeholder: "arn:aws:iam::123456789012:role/reader",
    help: "",
    isMore: true,
  },
  externalId: { label: "External ID", isMore: true },
  stsUrl: { label: "Address of STS", isMore: true },
  presigned: { label: "Put the signature into the query", help: "", isMore: true },
  consumerKey: { label: "Consumer key" },
  consumerSecret: { label: "Consumer secret" },
  tokenSecret: { label: "Token secret" },
  "oauth1.token": { label: "Token", help: "" },
  signatureMethod: { label: "Signature method", initial: "HMAC-SHA1" },
  realm: { label: "Realm", isMore: true },
  "oauth2.grantType": {
    label: "How access is given",
    help: "",
    initial: "authorization_code",
    choices: GRANTS,
  },
  authorizationUrl: {
    label: "Authorization URL",
    placeholder: "https://auth.example.com/oauth/authorize",
    isShown: grantIs("authorization_code"),
    isNeeded: hasNoIssuer,
  },
  deviceAuthorizationUrl: {
    label: "Device authorization URL",
    isShown: grantIs(DEVICE_GRANT),
    isNeeded: hasNoIssuer,
  },
  "oauth2.tokenUrl": {
    label: "Token URL",
    placeholder: "https://auth.example.com/oauth/token",
    isNeeded: hasNoIssuer,
  },
  tokenUrl: { label: "Token URL", isMore: true },
  issuer: {
    label: "Issuer",
    placeholder: "https://auth.example.com",
    help: "If the service publishes its addresses there (RFC 8414), none of them has to be typed.",
  },
  clientId: { label: "Client ID", help: "Of the app that you registered at the service." },
  clientSecret: { label: "Client secret" },
  clientAuthMethod: {
    label: "How the app proves itself",
    help: "Left out, the usual ways are tried.",
    choices: [
      { value: "client_secret_basic", label: "Secret in the Authorization header" },
      { value: "client_secret_post", label: "Secret in the body" },
      { value: "private_key_jwt", label: "Signed with a private key" },
      { value: "tls_client_auth", label: "TLS certificate" },
      { value: "none", label: "Not at all (public client, PKCE)" },
    ],
    isMore: true,
  },
  scopes: { label: "Scopes", placeholder: "read write", help: "With spaces between them." },
  revocationUrl: { label: "Revocation URL", isMore: true },
  pushedAuthorizationUrl: {
    label: "Pushed authorization URL",
    isShown: grantIs("authorization_code"),
    isMore: true,
  },
  audience: { label: "Audience", isMore: true },
  resource: { label: "Resource", isMore: true },
  "oauth2.subject": { label: "On behalf of", isShown: grantIs(JWT_GRANT) },
  subject: { label: "On behalf of", placeholder: "person@example.com" },
  keyId: { label: "Key ID", isShown: provesByKey },
  algorithm: { label: "Algorithm", isShown: provesByKey },
  "oauth2.privateKey": { label: "Private key", help: "As PEM.", isShown: provesByKey, isNeeded: provesByKey },
  subjectTokenType: { label: "Type of the exchanged token", isShown: grantIs(EXCHANGE_GRANT) },
  subjectToken: {
    label: "Token to exchange",
    isShown: grantIs(EXCHANGE_GRANT),
    isNeeded: grantIs(EXCHANGE_GRANT),
  },
  engine: {
    label: "Engine",
    help: "",
    initial: "postgresql",
    choices: [
      { value: "postgresql", label: "PostgreSQL" },
      { value: "mysql", label: "MySQL or MariaDB" },
    ],
  },
  host: { label: "Host", placeholder: "db.example.com" },
  port: { label: "Port", placeholder: "5432" },
  database: { label: "Database", help: "" },
  user: { label: "User", help: "" },
  "database.tls": {
    label: "TLS",
    help: "Only a server that the operator has listed can be reached without TLS.",
    initial: "verify-full",
    choices: [
      { value: "verify-full", label: "On: name and certificate are checked" },
      { value: "disable", label: "Off" },
    ],
  },
  "mail.host": { placeholder: "mail.example.com" },
  "mail.user": { placeholder: "ada@example.com" },
  "mail.tls": {
    label: "TLS",
    help: "STARTTLS begins in the clear; no password is sent unless TLS follows. Only a server that the operator has listed can be reached without TLS.",
    initial: "implicit",
    choices: [
      { value: "implicit", label: "From the first byte" },
      { value: "starttls", label: "STARTTLS" },
      { value: "disable", label: "Off" },
    ],
  },
  "mail.ca": { isMore: true },
};

/** How a field of the generic service is shown. */
export const fieldWords = (authType: string, name: string): FieldWords =>
  FIELDS[`${authType}.${name}`] ?? FIELDS[name] ?? {};

/** What a description's field of this auth type is shown with besides its own words. */
export const typeWords = (authType: string, name: string): FieldWords => FIELDS[`${authType}.${name}`] ?? {};

/** A field's name as words: `clientAuthMethod` is `Client auth method`. */
export function labelOf(name: string): string {
  const words = name.replace(/([a-z0-9])([A-Z])/g, "$1 $2").toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
