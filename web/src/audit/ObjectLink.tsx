/** The object that a record is about, with the way to it where it has a screen. */
import { LinkAnchor } from "../ui/links.tsx";

/** Where an object is shown; nothing for what has no screen of its own. */
export function placeOf(id: string): string | undefined {
  const kind = id.split("_", 1)[0];
  if (kind === "cred") return `/settings/credentials?credential=${id}`;
  if (kind === "wf") return `/workflows/${id}`;
  if (kind === "exec") return `/logs/${id}`;
  if (kind === "usr") return "/settings/members";
  if (kind === "key") return "/settings/credentials?tab=keys";
  return undefined;
}

export function ObjectLink({ id }: { id: string }) {
  const place = placeOf(id);
  if (place === undefined) return <code>{id}</code>;
  return (
    <LinkAnchor to={place as never} size="xs" ff="monospace" underline="always">
      {id}
    </LinkAnchor>
  );
}
