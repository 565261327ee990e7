import type { Photo } from "../camera/photo";

/** Names the tries of an enrolment, so that the service can tell a repetition from a new one. */
export interface Attempt {
  /** The idempotency key for these data: the same as last time when they are. */
  keyOf(username: string, photo: Photo): string;
}

export function newAttempt(): Attempt {
  let last: { username: string; photo: Photo; key: string } | undefined;
  return {
    keyOf(username, photo) {
      if (last?.username !== username || last.photo !== photo) last = { username, photo, key: randomKey() };
      return last.key;
    },
  };
}

/** 128 random bits. `crypto.randomUUID` would be shorter but is missing on insecure pages. */
function randomKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
