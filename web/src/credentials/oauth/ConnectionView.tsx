/** How far connecting an account has come, in words, with what there is to do. */
import { Button, Group, Loader, Text } from "@mantine/core";
import { CircleCheck, CircleX, ExternalLink } from "lucide-react";
import classes from "../../ui/Notice.module.css";
import { Secret } from "../../ui/Secret.tsx";
import own from "./ConnectionView.module.css";
import type { Connect, Connection } from "./use-connect.ts";

interface Props {
  connect: Connect;
  serviceName: string;
  /** Whether it is said beside this already that it is connected. */
  isTold?: boolean;
}

export function ConnectionView({ connect, serviceName, isTold = false }: Props) {
  const { connection, go } = connect;
  switch (connection.state) {
    case "idle":
      return null;
    case "starting":
      return (
        <div className={classes.root} role="status">
          <Loader size="xs" aria-hidden />
          <Text size="sm">Asking {serviceName} for the consent …</Text>
        </div>
      );
    case "waiting":
      return <Waiting waiting={connection} serviceName={serviceName} go={go} />;
    case "connected": {
      const { account, scopes, missingScopes } = connection.attempt;
      return (
        <div className={classes.root} data-tone="good" role="status">
          <CircleCheck size={18} aria-hidden className={classes.icon} />
          <div className={classes.words}>
            {!isTold && (
              <Text size="sm" fw={620}>
                Connected!
              </Text>
            )}
            <Text size="sm">
              {account ? (
                <>
                  Account: <strong>{account}</strong>
                </>
              ) : (
                "The service did not say which account it is."
              )}
            </Text>
            {scopes.length > 0 && (
              <Text size="xs" c="dimmed">
                Granted: {scopes.join(", ")}
              </Text>
            )}
            {missingScopes.length > 0 && (
              <Text size="sm" mt={4}>
                Not granted: <code>{missingScopes.join(", ")}</code>. What needs them will fail; connect again
                to allow them.
              </Text>
            )}
          </div>
        </div>
      );
    }
    case "failed":
      return (
        <div className={classes.root} data-tone="bad" role="alert">
          <CircleX size={18} aria-hidden className={classes.icon} />
          <div className={classes.words}>
            <Text size="sm" fw={620}>
              Not connected
            </Text>
            <Text size="sm">{connection.message}</Text>
          </div>
        </div>
      );
  }
}

interface WaitingProps {
  waiting: Extract<Connection, { state: "waiting" }>;
  serviceName: string;
  go: () => void;
}

function Waiting({ waiting: { started, isOpen, wasBlocked }, serviceName, go }: WaitingProps) {
  const host = hostOf(started.authorizationUrl);
  if (started.userCode) {
    return (
      <div className={classes.root} data-tone="info" role="status">
        <div className={classes.words}>
          <Text size="sm">
            Open <strong>{host}</strong> on any device and type this code:
          </Text>
          <div className={own.code}>{started.userCode}</div>
          <Foot label={isOpen ? "Waiting until you allow it there …" : "Waiting for the code …"}>
            <Button
              size="xs"
              variant="default"
              leftSection={<ExternalLink size={13} aria-hidden />}
              onClick={go}
            >
              Open {host}
            </Button>
          </Foot>
        </div>
      </div>
    );
  }
  return (
    <div className={classes.root} data-tone="info" role="status">
      <div className={classes.words}>
        {wasBlocked && (
          <Text size="sm">The browser did not open the page of {serviceName}. Open it yourself:</Text>
        )}
        {!isOpen && !wasBlocked && (
          <>
            <Text size="sm" mb={6}>
              Register this redirect URI in the app at {serviceName}, exactly as shown here. Then go on.
            </Text>
            <Secret label="Redirect URI" value={started.redirectUri} />
          </>
        )}
        <Foot
          label={
            isOpen ? `Allow the access in the tab of ${host}. This dialog notices by itself.` : undefined
          }
        >
          <Button
            size="xs"
            variant={isOpen ? "default" : "filled"}
            leftSection={<ExternalLink size={13} aria-hidden />}
            onClick={go}
          >
            {isOpen ? "Open it again" : `Go to ${host}`}
          </Button>
        </Foot>
      </div>
    </div>
  );
}

function Foot({ label, children }: { label: string | undefined; children: React.ReactNode }) {
  return (
    <Group justify="space-between" gap="sm" mt={8}>
      {label ? (
        <Group gap={8} wrap="nowrap" flex={1} miw={200}>
          <Loader size={12} aria-hidden />
          <Text size="sm">{label}</Text>
        </Group>
      ) : (
        <span />
      )}
      {children}
    </Group>
  );
}

/** The host of an address, for people. */
function hostOf(address: string): string {
  try {
    return new URL(address).host;
  } catch {
    return "the service";
  }
}
