/**
 * A neutral tile with a letter or two, for services, workspaces and people. Brand marks belong to their owners, and
 * few of them allow their use by integrations; a monogram is the same for everybody.
 */
import classes from "./Monogram.module.css";

const TONES = 8;

/** The same name always gets the same tone, in whichever way it is written: `hacker-news` as Hacker News. */
export function toneOf(name: string): number {
  let sum = 7;
  for (const character of name.toLowerCase().replace(/[\s_.-]/g, ""))
    sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 9973;
  return sum % TONES;
}

/** The first letters of the first two words. */
export function lettersOf(name: string): string {
  const words = name.split(/[\s_\-.]+/).filter(Boolean);
  const letters = words.slice(0, 2).map((word) => [...word][0] ?? "");
  return (letters.join("") || "?").toUpperCase();
}

export function Monogram({ name, size = 24 }: { name: string; size?: number }) {
  return (
    <span
      className={classes.tile}
      data-tone={toneOf(name)}
      style={{ width: size, height: size, fontSize: size * 0.4 }}
      aria-hidden
    >
      {lettersOf(name)}
    </span>
  );
}
