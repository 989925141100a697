/** Short names for the generated types of packages and registries. */
import type { components } from "#api";

type Schemas = components["schemas"];

export type Reach = Schemas["Reach"];
export type Change = Schemas["ReachChange"];
export type Installed = Schemas["InstalledPackage"];
export type Package = Schemas["Package"];
export type RegistryProblem = Schemas["RegistryProblem"];
export type Offer = Schemas["Offer"];
export type Registry = Schemas["Registry"];
