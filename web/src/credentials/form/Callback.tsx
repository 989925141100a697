/** The address that has to be registered at the service before anybody can connect. */
import { Input } from "@mantine/core";
import { Secret } from "../../ui/Secret.tsx";

export function Callback({ uri, name }: { uri: string; name: string }) {
  return (
    <Input.Wrapper
      label="Redirect URI"
      description={`Register it in your app at ${name}, exactly as shown here.`}
      labelElement="div"
    >
      <Secret label="Redirect URI" value={uri} />
    </Input.Wrapper>
  );
}
