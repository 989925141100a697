// Writes the types of the API, from its OpenAPI description, to a folder that is not part of the source tree.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import openapiTS, { astToString } from "openapi-typescript";

const source = new URL("../../crates/api/openapi.json", import.meta.url);
const folder = new URL("../node_modules/.flero/", import.meta.url);
const target = new URL("api.d.ts", folder);

// Paths that take every method share one operation; the interface calls none of them.
const description = JSON.parse(await readFile(source, "utf8"));
for (const path of Object.keys(description.paths)) {
  if (!path.startsWith("/api/") || path.startsWith("/api/proxy/")) delete description.paths[path];
}
const text = astToString(
  await openapiTS(description, { defaultNonNullable: false, emptyObjectsUnknown: true }),
);
await mkdir(folder, { recursive: true });
const before = await readFile(target, "utf8").catch(() => "");
if (before !== text) await writeFile(target, text);
console.log(`types of ${fileURLToPath(source)} are in ${fileURLToPath(target)}`);
