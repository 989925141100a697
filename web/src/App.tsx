/** Puts theme, data and routes together. */
import { localStorageColorSchemeManager, MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { makeQueryClient } from "./api/query.ts";
import { pageNonce } from "./nonce.ts";
import { makeRouter } from "./router.tsx";
import { cssVariables, theme } from "./theme.ts";

const queryClient = makeQueryClient();
const router = makeRouter(queryClient);
const scheme = localStorageColorSchemeManager({ key: "flero-color-scheme" });

export function App() {
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariables}
      defaultColorScheme="auto"
      colorSchemeManager={scheme}
      getStyleNonce={pageNonce}
    >
      <Notifications position="bottom-right" limit={4} />
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  );
}
