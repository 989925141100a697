/** The variables as rows of a form. */

export interface Row {
  name: string;
  value: string;
}

/** A text as it is; anything else as JSON, so that its type survives. */
export const rowsOf = (variables: Record<string, unknown>): Row[] =>
  Object.entries(variables).map(([name, value]) => ({
    name,
    value: typeof value === "string" ? value : JSON.stringify(value),
  }));

/** What is JSON but no text (a number, true, a list, an object) keeps its type; everything else is text. */
function typedValue(text: string): unknown {
  if (!/^(?:-?\d|true$|false$|null$|\[|\{)/.test(text)) return text;
  try {
    const value: unknown = JSON.parse(text);
    // A number that would come back in other digits (007, 1e3, a long identifier) was meant as a text.
    return typeof value === "number" && String(value) !== text ? text : value;
  } catch {
    return text;
  }
}

/** The body; rows without a name are left out. */
export const bodyOf = (rows: Row[]): Record<string, unknown> =>
  Object.fromEntries(
    rows.filter((row) => row.name.trim()).map((row) => [row.name.trim(), typedValue(row.value)]),
  );
