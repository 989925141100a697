// The certified OpenID provider of the tests with peers, started beside a server of these tests.
import { execFileSync, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("../../crates/testing/peers/", import.meta.url));

/** The client that it knows. */
export const CLIENT = { id: "flero", secret: "peer-client-secret-3c1f" };

/** Starts it, for redirect URIs of one server. */
export async function startOidc(redirectPrefix) {
  // The tests with peers install it; whoever runs these alone has it installed here.
  if (!existsSync(`${folder}node_modules/oidc-provider`)) execFileSync("npm", ["ci", "--no-audit", "--no-fund"], { cwd: folder, stdio: "ignore" });
  const peer = spawn("node", ["oidc.mjs", redirectPrefix], { cwd: folder, stdio: ["pipe", "pipe", "ignore"] });
  const origin = await new Promise((resolve, reject) => {
    createInterface({ input: peer.stdout }).once("line", (line) => resolve(line.replace("ready ", "")));
    peer.once("exit", (code) => reject(new Error(`the provider ended with ${code}`)));
  });
  return { origin, stop: () => peer.kill("SIGTERM") };
}
