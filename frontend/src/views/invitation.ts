/** The secret of an invitation in the fragment of a link: `#invite=fi_...`. */

const INVITE = "#invite=";

/** The secret that `hash` carries; `undefined` when it carries none. */
export function secretOf(hash: string): string | undefined {
  return hash.startsWith(INVITE) && hash.length > INVITE.length ? hash.slice(INVITE.length) : undefined;
}
