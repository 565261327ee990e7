import type { Proof } from "../api/client";

/** Names the tries of an enrolment, so that the service can tell a repetition from a new one. */
export interface Attempt {
  /** The idempotency key for these data: the same as last time when they are. */
  keyOf(username: string, proof: Proof): string;
}

export function newAttempt(): Attempt {
  let last: { username: string; pictures: readonly Blob[]; key: string } | undefined;
  return {
    keyOf(username, proof) {
      const pictures = picturesOf(proof);
      const same =
        last?.username === username &&
        last.pictures.length === pictures.length &&
        pictures.every((picture, index) => picture === last?.pictures[index]);
      if (!last || !same) last = { username, pictures, key: randomKey() };
      return last.key;
    },
  };
}

function picturesOf(proof: Proof): readonly Blob[] {
  return proof.kind === "pictures" ? proof.pictures : proof.frames.map((frame) => frame.jpeg);
}

/** 128 random bits. `crypto.randomUUID` would be shorter but is missing on insecure pages. */
function randomKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
