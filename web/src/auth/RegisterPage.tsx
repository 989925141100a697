/** Makes the first owner, for whoever opened the set-up link; everybody else is told how one gets in. */
import { Stack } from "@mantine/core";
import { useState } from "react";
import { LinkButton } from "../ui/links.tsx";
import { useTitle } from "../ui/use-title.ts";
import { AccountForm } from "./AccountForm.tsx";
import { Gate } from "./Gate.tsx";
import { SignUp } from "./SignUp.tsx";
import { setupToken } from "./setup-token.ts";

export default function RegisterPage() {
  const [token] = useState(setupToken);
  useTitle(token ? "Set up Flero" : "Create an account");
  if (token) {
    return (
      <Gate title="Set up Flero" lead="You become the owner. Everything stays on this server.">
        <AccountForm proof={{ setupToken: token }} label="Create the owner" />
      </Gate>
    );
  }
  return (
    <Gate title="Create an account">
      <Stack gap="lg">
        <SignUp />
        <LinkButton to="/login" size="md" variant="default" fullWidth>
          Sign in
        </LinkButton>
      </Stack>
    </Gate>
  );
}
