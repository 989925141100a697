/** Whose client asks for the access: an OAuth app that somebody set up, or one of the credential's own. */
import type { OauthApp } from "../../api/types.ts";
import { whoseApp } from "../../oauth-apps/levels.ts";
import { clientIdOf } from "../../oauth-apps/queries.ts";
import { ChoiceCards } from "../ChoiceCards.tsx";

/** The value of the choice of an own client: cards need one that is not empty. */
const OWN = "own";

interface Props {
  apps: readonly OauthApp[];
  /** The chosen app; empty for an own client. */
  value: string;
  serviceName: string;
  disabled: boolean;
  onChange: (app: string) => void;
}

export function ClientChoice({ apps, value, serviceName, disabled, onChange }: Props) {
  const options = apps.map((app) => ({
    value: app.id,
    label: `Use the app of ${whoseApp(app.level)}`,
    hint: `Client ID ${clientIdOf(app)}. Its secret is in the vault; you need none.`,
  }));
  const own = {
    value: OWN,
    label: "Use my own",
    hint: `You registered an app at ${serviceName} and have its client ID.`,
  };
  return (
    <ChoiceCards
      label="Which app asks for the access"
      columns={1}
      value={value || OWN}
      options={[...options, own]}
      disabled={disabled}
      onChange={(next) => onChange(next === OWN ? "" : next)}
    />
  );
}
