/** How a service is spoken to. */
import type { Connector, OperationSummary } from "./types.ts";

/** Whether credentials of this type go to a server that speaks HTTP, and not to a database or a mail server. */
export const isHttp = (authType: string): boolean => authType !== "database" && authType !== "mail";

/** The request that an operation is; nothing where it is none, and its path only a name within the description. */
export const requestOf = (
  { auth }: Pick<Connector, "auth">,
  { method, path }: Pick<OperationSummary, "method" | "path">,
): Pick<OperationSummary, "method" | "path"> | undefined =>
  auth.every(({ authType }) => isHttp(authType)) ? { method, path } : undefined;

/** Whether a host of a description is nothing but a place that a person fills in. */
export const isOpenHost = (host: string): boolean => /^\{[^}]+\}$/.test(host);
