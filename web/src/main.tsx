/** Starts the interface. */
import "@mantine/core/styles.css";
import "@mantine/notifications/styles.css";
import "@mantine/spotlight/styles.css";
import "./styles/tokens.css";
import "./styles/base.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./App.tsx";
import { takeKeyFromAddress } from "./auth/demo-key.ts";
import { takeSetupToken } from "./auth/setup-token.ts";
import { spreadNonce } from "./nonce.ts";

spreadNonce();
takeKeyFromAddress();
takeSetupToken();
const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
