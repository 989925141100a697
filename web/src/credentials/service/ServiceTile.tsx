/** The tile of a service: its monogram, or a sign for what is no single service. */
import { Database, Globe } from "lucide-react";
import { Monogram } from "../../ui/Monogram.tsx";
import classes from "./ServiceTile.module.css";
import { DATABASE, GENERIC } from "./use-service.ts";

const SIGNS = { [GENERIC]: Globe, [DATABASE]: Database } as const;

export function ServiceTile({ id, name, size }: { id: string; name: string; size: number }) {
  const Sign = SIGNS[id as keyof typeof SIGNS];
  if (!Sign) return <Monogram name={name} size={size} />;
  return (
    <span className={classes.tile} style={{ width: size, height: size }} aria-hidden>
      <Sign size={size * 0.55} strokeWidth={1.9} />
    </span>
  );
}
