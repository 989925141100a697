/** The way into the command palette and the sheet of shortcuts, from anywhere. */
import { createSpotlight } from "@mantine/spotlight";

export const [paletteStore, palette] = createSpotlight();

export const openPalette = (): void => palette.open();

/** Whether the command key is ⌘. */
export const isMac = (): boolean => /Mac|iPhone|iPad/.test(navigator.userAgent);
