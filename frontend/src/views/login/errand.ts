/** Why the page at `/login` was opened. */

export type Errand =
  | { readonly at: "request"; readonly request: string }
  | { readonly at: "logout"; readonly logout: string }
  | { readonly at: "loggedOut" }
  /** The app's request was refused, with a word of the service. */
  | { readonly at: "error"; readonly word: string };

/** Words of OAuth are like this. Whatever else an address holds is not repeated to anybody. */
const WORD = /^[a-z_]{1,40}$/;

/** In place of the secret of a logout: nothing is left to ask. */
const DONE = "done";

/** What the query of the address asks for. */
export function errandOf(query: string): Errand {
  const parameters = new URLSearchParams(query);
  const word = parameters.get("error");
  if (word !== null) return { at: "error", word: WORD.test(word) ? word : "" };
  const request = parameters.get("request");
  if (request) return { at: "request", request };
  const logout = parameters.get("logout");
  if (logout === DONE) return { at: "loggedOut" };
  if (logout) return { at: "logout", logout };
  return { at: "error", word: "" };
}
