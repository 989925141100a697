// Prism as the judge of requests: each one is sent to a mock of the vendor's own description, which says what is wrong
// with it. Of a description only the paths that are asked for are kept, so that megabytes are not compiled for nothing.
// Usage: node prism.mjs DESCRIPTION REQUESTS.json; prints one JSON line per request: {operation, status, violations}.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const [description, requestsFile] = process.argv.slice(2);
const require = createRequire(import.meta.url);
const yaml = createRequire(require.resolve('@stoplight/prism-cli/package.json'))('@stoplight/yaml');
const document = yaml.parse(readFileSync(description, 'utf8'));
const requests = JSON.parse(readFileSync(requestsFile, 'utf8'));

/** The path that a template stands for; the one with the fewest places counts, as OpenAPI says. */
const templates = Object.keys(document.paths).map((path) => ({
  path,
  places: (path.match(/\{/g) ?? []).length,
  pattern: new RegExp(`^${path.split(/\{[^}]+\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('[^/]+')}$`),
})).sort((one, other) => one.places - other.places);

const servers = document.servers.map((server) => server.url.replace(/\/$/, ''));
const inner = (url) => {
  const server = servers.find((server) => url.startsWith(`${server}/`) || url === server);
  return server === undefined ? undefined : url.slice(server.length);
};

// What is kept: the paths of the requests, and every component, because they refer to each other.
const paths = {};
for (const request of requests) {
  request.inner = inner(request.url);
  const path = request.inner && templates.find(({ pattern }) => pattern.test(request.inner.split('?')[0]))?.path;
  if (path) paths[path] = document.paths[path];
}
const needed = {};
const keep = (value) => {
  if (Array.isArray(value)) return value.forEach(keep);
  if (value === null || typeof value !== 'object') return;
  const parts = typeof value.$ref === 'string' ? value.$ref.split('/').slice(1) : [];
  if (parts[0] === 'components' && parts.length === 3) {
    const [, kind, name] = parts.map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
    needed[kind] ??= {};
    if (!(name in needed[kind])) {
      needed[kind][name] = document.components[kind][name];
      keep(needed[kind][name]);
    }
  }
  Object.values(value).forEach(keep);
};
// The answers are not judged here, and their examples are the largest part. Authentication is the credential's.
for (const item of Object.values(paths)) {
  for (const [method, operation] of Object.entries(item)) {
    if (method === 'parameters' || typeof operation !== 'object') continue;
    operation.responses = { 200: { description: 'ok' } };
    delete operation.security;
    delete operation.callbacks;
  }
}
keep(paths);
// `nullable` without `type` says nothing in OpenAPI 3.0.3, and makes Ajv, by which Prism judges, give a schema up unsaid.
const typed = (value) => {
  if (value === null || typeof value !== 'object') return;
  if (value.nullable === true && value.type === undefined) delete value.nullable;
  Object.values(value).forEach(typed);
};
typed(paths);
typed(needed);
const folder = mkdtempSync(join(tmpdir(), 'flero-prism-'));
const cut = join(folder, 'description.json');
writeFileSync(cut, JSON.stringify({ openapi: document.openapi, info: document.info, paths, components: needed }));

const port = await new Promise((resolve) => {
  const probe = createServer().listen(0, '127.0.0.1', () => {
    const { port } = probe.address();
    probe.close(() => resolve(port));
  });
});
const program = join(dirname(require.resolve('@stoplight/prism-cli/package.json')), 'dist/index.js');
const prism = spawn(process.execPath, [program, 'mock', '--errors', '-h', '127.0.0.1', '-p', String(port), '-v', 'fatal', cut], {
  stdio: ['ignore', 'ignore', 'inherit'],
});
try {
  let isUp = false;
  for (let tries = 0; !isUp && tries < 600 && prism.exitCode === null; tries += 1) {
    isUp = await fetch(`http://127.0.0.1:${port}/`).then(() => true, () => false);
    if (!isUp) await new Promise((resolve) => setTimeout(resolve, 50));
  }
  if (!isUp) throw new Error('Prism did not start');
  const ask = ({ inner, method, headers }, body) =>
    fetch(`http://127.0.0.1:${port}${inner || '/'}`, { method, headers, body: body ?? undefined });
  for (const request of requests) {
    const told = { operation: request.operation, status: 0, violations: [] };
    if (request.inner === undefined) {
      told.violations.push(`the address begins with none of ${servers.join(', ')}`);
    } else {
      const answer = await ask(request, request.body);
      told.status = answer.status;
      const body = await answer.text();
      // A schema that Prism cannot compile lets everything pass; so a body of another kind has to be refused.
      const isJson = /json/.test(request.headers['Content-Type'] ?? '');
      if (answer.ok && isJson && request.body && (await ask(request, '"wrong"')).ok) {
        told.violations.push('Prism does not judge this body: it takes a text too');
      }
      if (answer.status >= 400) {
        const problem = JSON.parse(body || '{}');
        const list = problem.validation ?? [{ location: [], message: problem.title ?? body }];
        told.violations = list.map(({ location, message }) => `${location.join('.')}: ${message}`);
      }
    }
    console.log(JSON.stringify(told));
  }
} finally {
  prism.kill();
  rmSync(folder, { recursive: true, force: true });
}
