/** The workspace that was chosen last in this browser: an identifier, nothing secret. */

const NAME = "flero-workspace";

/** Its identifier, if one was chosen. */
export const chosenWorkspace = (): string | undefined => localStorage.getItem(NAME) ?? undefined;

/** Chooses one for this and the next visit. */
export const chooseWorkspace = (id: string): void => localStorage.setItem(NAME, id);

/** Goes back to the server's choice. */
export const forgetWorkspace = (): void => localStorage.removeItem(NAME);
