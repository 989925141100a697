/** The keys of this machine, as people call them. */

/** The key that goes with a letter in shortcuts. */
export const MOD = /Mac|iPhone|iPad/.test(navigator.userAgent) ? "⌘" : "Ctrl";
