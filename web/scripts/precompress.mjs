// A Vite plugin that writes a Brotli and a gzip copy beside every file that gets notably smaller by it, so that the
// server sends them without compressing anything itself. The page is left out: it gets a nonce per answer.
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

const brotli = promisify(brotliCompress);
const deflate = promisify(gzip);
const ENDINGS = [".js", ".css", ".svg", ".json"];
const SMALLEST_BYTES = 1024;

export function precompress() {
  let folder = "dist";
  return {
    name: "precompress",
    apply: "build",
    configResolved(config) {
      folder = config.build.outDir;
    },
    async closeBundle() {
      const names = await readdir(folder, { recursive: true });
      for (const name of names.filter((name) => ENDINGS.some((ending) => name.endsWith(ending)))) {
        const path = join(folder, name);
        const bytes = await readFile(path);
        if (bytes.length < SMALLEST_BYTES) continue;
        const params = {
          [constants.BROTLI_PARAM_QUALITY]: 11,
          [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
        };
        await writeFile(`${path}.br`, await brotli(bytes, { params }));
        await writeFile(`${path}.gz`, await deflate(bytes, { level: 9 }));
      }
    },
  };
}
