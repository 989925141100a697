/** What is around every screen of a signed-in person: the sidebar, and on a phone a bar with a drawer. */
import { ActionIcon, Drawer } from "@mantine/core";
import { useDisclosure, useMediaQuery } from "@mantine/hooks";
import { Outlet, useRouterState } from "@tanstack/react-router";
import { Menu as MenuIcon } from "lucide-react";
import { Suspense, useEffect, useRef } from "react";
import { useMe } from "../auth/me.ts";
import { StepUpProvider } from "../auth/step-up.tsx";
import { Bell } from "../notifications/Bell.tsx";
import { useWatchNotifications } from "../notifications/use-watch.ts";
import { Palette } from "../palette/Palette.tsx";
import { ScreenLoader } from "../ui/ScreenLoader.tsx";
import { Archived } from "../workspace/Archived.tsx";
import { NoWorkspace } from "../workspace/NoWorkspace.tsx";
import classes from "./Shell.module.css";
import { Shortcuts } from "./Shortcuts.tsx";
import { Sidebar } from "./Sidebar.tsx";

/** Where there is no workspace, only one's own security and the guide have anything to show. */
function Content() {
  const me = useMe();
  const path = useRouterState({ select: (state) => state.location.pathname });
  const needsNone = path === "/settings/security" || path.startsWith("/docs");
  return me.workspaceId || me.mfaEnrolmentRequired || needsNone ? <Outlet /> : <NoWorkspace />;
}

/** Whether the sidebar gives its room to the canvas and shows its icons alone: in the editor, but on a wide screen. */
function useRail(path: string): boolean {
  const isTight = useMediaQuery("(max-width: 100em)", false, { getInitialValueInEffect: false });
  return isTight && path.startsWith("/workflows/");
}

export default function Shell() {
  const [open, drawer] = useDisclosure();
  const [isSheetOpen, shortcuts] = useDisclosure();
  const path = useRouterState({ select: (state) => state.location.pathname });
  useWatchNotifications(!useMe().apiKeyId);
  const isRail = useRail(path);
  const main = useRef<HTMLElement>(null);
  const shown = useRef(path);

  // After a change of screen the keyboard goes on in the new one.
  useEffect(() => {
    if (shown.current === path) return;
    shown.current = path;
    drawer.close();
    main.current?.focus({ preventScroll: true });
  }, [path, drawer.close]);

  return (
    <div className={classes.shell} data-rail={isRail || undefined}>
      <a className={classes.skip} href="#main">
        Skip to content
      </a>
      <aside className={classes.sidebar} aria-label="Sidebar">
        <Sidebar isRail={isRail} />
      </aside>
      <header className={classes.bar}>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label="Open the menu" onClick={drawer.open}>
          <MenuIcon size={18} aria-hidden />
        </ActionIcon>
        <img src="/flero.svg" alt="" width={22} height={22} />
        <strong className={classes.name}>Flero</strong>
        <Bell />
      </header>
      <Drawer.Root opened={open} onClose={drawer.close} position="left" size={280} padding={0}>
        <Drawer.Overlay />
        <Drawer.Content aria-label="Menu">
          <Sidebar hasBell={false} />
        </Drawer.Content>
      </Drawer.Root>
      <Palette onShortcuts={shortcuts.open} />
      <Shortcuts isOpen={isSheetOpen} onOpen={shortcuts.open} onClose={shortcuts.close} />
      <main id="main" ref={main} tabIndex={-1} className={classes.main}>
        <Suspense fallback={<ScreenLoader />}>
          <StepUpProvider>
            <Archived />
            <Content />
          </StepUpProvider>
        </Suspense>
      </main>
    </div>
  );
}
