/**
 * The auth types and what each asks of a person. The server checks every value; these are the words and the order
 * of the form for the generic kind. A connector's own description replaces them for its service.
 */

export type AuthTypeName =
  | "bearer"
  | "apiKey"
  | "basic"
  | "oauth2"
  | "customHeaders"
  | "digest"
  | "certificate"
  | "awsSigV4"
  | "serviceAccount"
  | "oauth1"
  | "database";

/** One field of the form. `secret` ones go to `data` and never come back. */
export interface AuthField {
  name: string;
  label: string;
  help?: string;
  secret?: boolean;
  optional?: boolean;
  placeholder?: string;
  choices?: { value: string; label: string }[];
  initial?: string;
  kind?: "line" | "lines" | "words" | "headers" | "flag" | "port" | "url";
}

export interface AuthType {
  name: AuthTypeName;
  label: string;
  /** One line for the radio. */
  hint: string;
  fields: AuthField[];
  /** Whether hosts have to be named; a database has its own. */
  hosts: boolean;
}

const choice = (...values: string[]) => values.map((value) => ({ value, label: value }));

const PASSWORD: AuthField[] = [
  { name: "username", label: "User name" },
  { name: "password", label: "Password", secret: true },
];

const GRANTS = [
  { value: "client_credentials", label: "Client credentials: the app acts for itself" },
  { value: "authorization_code", label: "Authorization code: a person allows the access" },
];

export const AUTH_TYPES: AuthType[] = [
  {
    name: "bearer",
    label: "Bearer token",
    hint: "A token in the Authorization header",
    hosts: true,
    fields: [{ name: "token", label: "Token", secret: true, help: "Sent as “Authorization: Bearer …”." }],
  },
  {
    name: "apiKey",
    label: "API key",
    hint: "A key in a header, the query, a cookie or the body",
    hosts: true,
    fields: [
      {
        name: "in",
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
      {
        name: "name",
        label: "Name",
        placeholder: "X-Api-Key",
        initial: "X-Api-Key",
        help: "Of the header, parameter or cookie.",
      },
      {
        name: "prefix",
        label: "Prefix",
        optional: true,
        placeholder: "Token ",
        help: "Text in front of the key; often none.",
      },
      { name: "key", label: "Key", secret: true },
    ],
  },
  { name: "basic", label: "Basic auth", hint: "User name and password", hosts: true, fields: PASSWORD },
  {
    name: "oauth2",
    label: "OAuth 2.0",
    hint: "Tokens that Flero fetches and renews by itself",
    hosts: true,
    fields: [
      { name: "grantType", label: "Grant", initial: "client_credentials", choices: GRANTS },
      {
        name: "authorizationUrl",
        label: "Authorization URL",
        kind: "url",
        optional: true,
        help: "Where people allow the access; not needed for client credentials.",
      },
      {
        name: "tokenUrl",
        label: "Token URL",
        kind: "url",
        placeholder: "https://auth.example.com/oauth/token",
      },
      { name: "clientId", label: "Client ID" },
      { name: "clientSecret", label: "Client secret", secret: true, optional: true },
      {
        name: "clientAuthMethod",
        label: "How the client proves itself",
        initial: "client_secret_basic",
        choices: choice(
          "client_secret_basic",
          "client_secret_post",
          "client_secret_jwt",
          "private_key_jwt",
          "tls_client_auth",
          "none",
        ),
      },
      { name: "scopes", label: "Scopes", kind: "words", optional: true, help: "With spaces between them." },
      { name: "revocationUrl", label: "Revocation URL", kind: "url", optional: true },
      { name: "issuer", label: "Issuer", kind: "url", optional: true },
    ],
  },
  {
    name: "customHeaders",
    label: "Custom headers",
    hint: "Any number of secret headers",
    hosts: true,
    fields: [{ name: "headers", label: "Headers", secret: true, kind: "headers" }],
  },
  {
    name: "digest",
    label: "Digest auth",
    hint: "User name and password, never sent in clear",
    hosts: true,
    fields: PASSWORD,
  },
  {
    name: "certificate",
    label: "Client certificate",
    hint: "TLS certificate and private key",
    hosts: true,
    fields: [
      {
        name: "certificate",
        label: "Certificate",
        kind: "lines",
        optional: true,
        placeholder: "-----BEGIN CERTIFICATE-----",
        help: "As PEM, with its intermediate certificates.",
      },
      {
        name: "privateKey",
        label: "Private key",
        kind: "lines",
        secret: true,
        help: "As PEM, or a PKCS#12 file in Base64.",
      },
      { name: "passphrase", label: "Passphrase of the key", secret: true, optional: true },
      {
        name: "ca",
        label: "The service's authority",
        kind: "lines",
        optional: true,
        help: "As PEM, where the service's own certificate is not publicly trusted.",
      },
    ],
  },
  {
    name: "awsSigV4",
    label: "AWS signature",
    hint: "Access key; requests are signed (SigV4)",
    hosts: true,
    fields: [
      { name: "accessKeyId", label: "Access key ID", placeholder: "AKIAIOSFODNN7EXAMPLE" },
      { name: "secretAccessKey", label: "Secret access key", secret: true },
      { name: "sessionToken", label: "Session token", secret: true, optional: true },
      { name: "region", label: "Region", optional: true, placeholder: "eu-central-1" },
      { name: "awsService", label: "Service", optional: true, placeholder: "s3" },
      {
        name: "roleArn",
        label: "Role to assume",
        optional: true,
        placeholder: "arn:aws:iam::123456789012:role/reader",
      },
      { name: "externalId", label: "External ID", optional: true },
    ],
  },
  {
    name: "serviceAccount",
    label: "Service account",
    hint: "A JSON key file, exchanged for tokens",
    hosts: true,
    fields: [
      { name: "key", label: "Key file", kind: "lines", secret: true, help: "The whole JSON file." },
      { name: "subject", label: "On behalf of", optional: true, placeholder: "person@example.com" },
      { name: "scopes", label: "Scopes", kind: "words", optional: true, help: "With spaces between them." },
    ],
  },
  {
    name: "oauth1",
    label: "OAuth 1.0a",
    hint: "Signed requests of older services",
    hosts: true,
    fields: [
      { name: "consumerKey", label: "Consumer key" },
      { name: "consumerSecret", label: "Consumer secret", secret: true },
      { name: "token", label: "Token", secret: true, optional: true },
      { name: "tokenSecret", label: "Token secret", secret: true, optional: true },
      {
        name: "signatureMethod",
        label: "Signature method",
        initial: "HMAC-SHA1",
        choices: choice(
          "HMAC-SHA1",
          "HMAC-SHA256",
          "HMAC-SHA512",
          "RSA-SHA1",
          "RSA-SHA256",
          "RSA-SHA512",
          "PLAINTEXT",
        ),
      },
    ],
  },
  {
    name: "database",
    label: "Database",
    hint: "PostgreSQL",
    hosts: false,
    fields: [
      {
        name: "engine",
        label: "Engine",
        initial: "postgresql",
        choices: [{ value: "postgresql", label: "PostgreSQL" }],
      },
      { name: "host", label: "Host", placeholder: "db.example.com" },
      { name: "port", label: "Port", optional: true, kind: "port", placeholder: "5432" },
      { name: "database", label: "Database" },
      { name: "user", label: "User" },
      { name: "password", label: "Password", secret: true },
      {
        name: "tls",
        label: "TLS",
        initial: "verify-full",
        choices: [
          { value: "verify-full", label: "Verified" },
          { value: "disable", label: "Off" },
        ],
      },
      { name: "ca", label: "The server's authority", kind: "lines", optional: true },
    ],
  },
];

/** Types whose credentials exist already, but that this form cannot make: each needs a step of its own. */
const NOT_OFFERED: readonly AuthTypeName[] = ["oauth2", "database"];

/** What the form offers, the usual ways first. */
export const OFFERED: AuthType[] = AUTH_TYPES.filter((type) => !NOT_OFFERED.includes(type.name));

const BY_NAME = new Map<string, AuthType>(AUTH_TYPES.map((type) => [type.name, type]));

/** The type by its name; `undefined` for one that only a connector describes. */
export const authType = (name: string): AuthType | undefined => BY_NAME.get(name);

/** What people call an auth type. */
export const authTypeLabel = (name: string): string =>
  BY_NAME.get(name)?.label ?? (name === "custom" ? "Custom" : name);

/** The groups of the filter: a bearer token counts as an API key, everything that is left as custom. */
export const TYPE_GROUPS = [
  { value: "oauth2", label: "OAuth 2.0", types: ["oauth2"] },
  { value: "apiKey", label: "API key", types: ["apiKey", "bearer"] },
  { value: "basic", label: "Basic auth", types: ["basic"] },
  {
    value: "custom",
    label: "Custom",
    types: [
      "oauth1",
      "digest",
      "customHeaders",
      "certificate",
      "awsSigV4",
      "serviceAccount",
      "database",
      "custom",
    ],
  },
] as const;

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
