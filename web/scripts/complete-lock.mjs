// Adds to the lock file the builds for other platforms that npm left out of it. npm does that when it could not look
// one of them up (npm/cli#4828), and `npm ci` then refuses the lock file. Run after `npm install`: npm run lock
import { readFile, writeFile } from "node:fs/promises";

const path = new URL("../package-lock.json", import.meta.url);
const lock = JSON.parse(await readFile(path, "utf8"));
const added = [];
for (const [owner, entry] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const nested = `${owner}/node_modules/${name}`;
    const hoisted = `node_modules/${name}`;
    if (lock.packages[nested] || lock.packages[hoisted] || !/^\d/.test(version)) continue;
    const [, os, cpu] = /-(android|darwin|linux|win32|freebsd)-(arm64|x64|arm|ia32)/.exec(name) ?? [];
    if (!os) continue;
    const libc = os === "linux" ? { libc: [name.endsWith("musl") ? "musl" : "glibc"] } : {};
    lock.packages[hoisted] = { version, cpu: [cpu], dev: true, ...libc, optional: true, os: [os] };
    added.push(name);
  }
}
const sorted = Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1));
lock.packages = Object.fromEntries(sorted);
if (added.length > 0) await writeFile(path, `${JSON.stringify(lock, null, 2)}\n`);
console.log(added.length > 0 ? `added ${added.join(", ")}` : "the lock file is complete");
