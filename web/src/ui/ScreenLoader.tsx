/** What stands in place of a screen while it loads. */
import { Center, Loader } from "@mantine/core";

export function ScreenLoader() {
  return (
    <Center mih="40vh" role="status" aria-label="Loading">
      <Loader />
    </Center>
  );
}
