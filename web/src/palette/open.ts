/** The way into the command palette and the sheet of shortcuts, from anywhere. */
import { createSpotlight } from "@mantine/spotlight";

export const [paletteStore, palette] = createSpotlight();

export const openPalette = (): void => palette.open();

/** Marks the first entry, so that Enter after a few letters takes it. The library marks none until an arrow is pressed. */
export function selectFirst(): void {
  const entries = document.getElementById(paletteStore.getState().listId)?.querySelectorAll("[data-action]");
  for (const [at, entry] of [...(entries ?? [])].entries()) entry.toggleAttribute("data-selected", at === 0);
  paletteStore.updateState((state) => ({ ...state, selected: 0 }));
}
