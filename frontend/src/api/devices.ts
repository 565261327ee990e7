/**
 * Device tokens: kept on this device, by username, and sent with the next sign-in, so that
 * nobody else's failed sign-ins make this device wait. They let nobody in.
 */

/** The parts of `localStorage` that are needed. */
export type Shelf = Pick<Storage, "getItem" | "setItem">;

/** Letter case does not count in usernames. */
const place = (username: string) => `faceauth.device.${username.toLowerCase()}`;

export interface Devices {
  tokenOf(username: string): string | undefined;
  keep(username: string, token: string | null | undefined): void;
}

/** A shelf may be missing or closed (private windows, policies): then every sign-in is a first. */
export function createDevices(shelf: () => Shelf): Devices {
  return {
    tokenOf(username) {
      try {
        return shelf().getItem(place(username)) ?? undefined;
      } catch {
        return undefined;
      }
    },
    keep(username, token) {
      if (!token) return;
      try {
        shelf().setItem(place(username), token);
      } catch {
        // Full or closed: nothing is lost but the convenience.
      }
    },
  };
}
