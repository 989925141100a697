/** Where pins stand in this browser. A file of its own, so that signing out loads nothing else of the editor. */

const PREFIX = "flero-pins:";

/** The name under which the pins of a workflow are kept. */
export const pinKey = (workflow: string) => PREFIX + workflow;

/** Takes every pin out of this browser: the next person at it may not be the one who signed out. */
export function forgetPins(): void {
  try {
    for (const name of Object.keys(localStorage)) if (name.startsWith(PREFIX)) localStorage.removeItem(name);
  } catch {
    // Where nothing can be kept, nothing is there.
  }
}
