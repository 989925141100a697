/**
 * Shortens a text to a width without clipping it. A box that clips is a property of its own to the browser's painter,
 * and hundreds of them make a canvas slow to move; a text that fits needs none.
 */

/** As many measured texts are remembered. */
const MOST = 4_000;

const fitted = new Map<string, string>();
let context: CanvasRenderingContext2D | null | undefined;
let family = "";

function measure(font: string): ((text: string) => number) | undefined {
  if (context === undefined) {
    // A test without a browser has no canvas to measure on, and says so in its log when it is asked.
    context =
      typeof CanvasRenderingContext2D === "undefined"
        ? null
        : document.createElement("canvas").getContext("2d");
    family = getComputedStyle(document.body).fontFamily;
  }
  if (!context) return undefined;
  context.font = `${font} ${family}`;
  const { measureText } = context;
  return (text) => measureText.call(context, text).width;
}

/** The width of a text in pixels; 0 where nothing can be measured. */
export const textWidth = (text: string, font: string): number =>
  text === "" ? 0 : (measure(font)?.(text) ?? 0);

/** The text, or as much of its beginning as fits with an ellipsis. `font` is weight and size: `600 13px`. */
export function fitText(text: string, font: string, width: number): string {
  const key = `${font}|${Math.round(width)}|${text}`;
  const known = fitted.get(key);
  if (known !== undefined) return known;
  const widthOf = measure(font);
  if (!widthOf) return text;
  const result = shortened(text, width, widthOf);
  if (fitted.size >= MOST) fitted.clear();
  // Before the font is there, widths are those of another one.
  if (document.fonts.status === "loaded") fitted.set(key, result);
  return result;
}

/** The longest beginning that fits, found by halving. */
export function shortened(text: string, width: number, widthOf: (text: string) => number): string {
  if (widthOf(text) <= width) return text;
  const letters = [...text];
  let least = 0;
  let most = letters.length;
  while (least < most) {
    const middle = Math.ceil((least + most) / 2);
    if (widthOf(`${letters.slice(0, middle).join("")}…`) <= width) least = middle;
    else most = middle - 1;
  }
  return `${letters.slice(0, least).join("").trimEnd()}…`;
}
