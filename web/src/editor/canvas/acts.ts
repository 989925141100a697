/** What nodes on the canvas ask the editor for; a canvas to look at gives nothing. */

import { createContext } from "react";

export interface CanvasActs {
  /** Opens the palette for what comes behind a port. */
  readonly onAddAfter?: (id: string, port: string) => void;
}

export const CanvasActsContext = createContext<CanvasActs>({});
