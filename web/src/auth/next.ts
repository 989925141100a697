/** Where to go after signing in: an address inside this interface, never another site's. */
export const safeNext = (next: string | undefined): string =>
  next && /^\/(?![/\\])/.test(next) ? next : "/";
