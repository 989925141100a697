import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { precompress } from "./scripts/precompress.mjs";

/** The server that `npm run dev` talks to, and the API key it uses while nobody has signed in. */
const server = process.env.FLERO_URL ?? "http://127.0.0.1:7373";
const key = process.env.FLERO_DEV_KEY;

const target = {
  target: server,
  changeOrigin: true,
  headers: { origin: server, ...(key ? { authorization: `Bearer ${key}` } : {}) },
};

export default defineConfig({
  plugins: [react(), precompress()],
  // The server puts a fresh nonce in this place in every answer: style elements need it under our policy.
  html: { cspNonce: "__FLERO_NONCE__" },
  define: { __DEV_KEY__: JSON.stringify(Boolean(key)) },
  build: {
    target: "es2023",
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    rolldownOptions: {
      output: {
        // What every screen needs is one file that stays the same between releases of Flero.
        codeSplitting: {
          groups: [
            {
              name: "base",
              test: /node_modules[\\/](react|react-dom|scheduler|@tanstack[\\/](react-router|router-core|react-query|query-core|history))[\\/]/,
            },
          ],
        },
      },
    },
  },
  server: {
    port: 5173,
    strictPort: false,
    proxy: { "/api": target, "/webhook": target, "/oauth": target },
    // The guide in docs/ stands beside this folder, and Vite serves to tests only what is inside of it.
    fs: { allow: [".."] },
  },
  test: {
    environment: "jsdom",
    setupFiles: ["src/test-setup.ts"],
    projects: [
      // A document of its own for each file takes a second each, ten times as long as all these tests together.
      { extends: true, test: { name: "logic", include: ["src/**/*.test.ts"], isolate: false } },
      { extends: true, test: { name: "screens", include: ["src/**/*.test.tsx"] } },
    ],
  },
});
