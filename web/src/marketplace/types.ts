/**
 * Packages and registries as the API gives them. Its description leaves these bodies open, because what a registry
 * says of a package is data of that registry; these are the members that the interface reads.
 */

/** Everything that people agree to when they install a connector. */
export interface Reach {
  /** The hosts that secrets may be sent to. */
  hosts: string[];
  permissions: string[];
  /** The ways to authenticate, by identifier. */
  authentication: string[];
  operations: string[];
  events: string[];
}

/** What differs between two versions. */
export interface Change {
  added: Reach;
  removed: Reach;
}

/** What the workspace has of a package. */
export interface Installed {
  registry: string;
  version: string;
  /** The version that can be put back. */
  formerVersion: string | null;
  installedAt: string;
}

/** A package with its newest version. */
export interface Package {
  id: string;
  registry: string;
  name: string;
  description: string;
  category: string;
  version: string;
  /** Every version, the newest first. */
  versions: string[];
  reach: Reach;
  installed: Installed | null;
  /** What the newest version would change; null when it is installed already. */
  change: Change | null;
  needsConsent: boolean;
}

/** A registry that could not be read. */
export interface RegistryProblem {
  registry: string;
  message: string;
}

/** What the registries offer together. */
export interface Offer {
  items: Package[];
  problems: RegistryProblem[];
}

export interface Registry {
  id: string;
  name: string;
  /** Where its files are; null for the one that comes with the program. */
  url: string | null;
  addedAt: string | null;
}
