/**
 * A form as bytes (RFC 7578), field by field: a browser writes a `FormData` only when it is whole.
 *
 * A boundary follows each field at once, because it alone tells the service where a field ends.
 */

/** Writes the fields of one form, in order. */
export interface FormWriter {
  /** Of the header `Content-Type`. */
  readonly type: string;
  text(name: string, value: string): Uint8Array<ArrayBuffer>;
  /** A JPEG. */
  jpeg(name: string, bytes: ArrayBuffer): Uint8Array<ArrayBuffer>;
  /** What follows the last field. */
  end(): Uint8Array<ArrayBuffer>;
}

/** A form whose boundary is `boundary`, which no field may contain. */
export function formWriter(boundary: string): FormWriter {
  let begun = false;
  const part = (headers: string, content: Uint8Array): Uint8Array<ArrayBuffer> => {
    const before = encode(`${begun ? "" : `--${boundary}`}\r\nContent-Disposition: form-data; ${headers}\r\n\r\n`);
    begun = true;
    return joined(before, content, encode(`\r\n--${boundary}`));
  };
  return {
    type: `multipart/form-data; boundary=${boundary}`,
    text: (name, value) => part(`name="${name}"`, encode(value)),
    jpeg: (name, bytes) => part(`name="${name}"; filename="photo.jpg"\r\nContent-Type: image/jpeg`, new Uint8Array(bytes)),
    end: () => joined(encode(begun ? "--\r\n" : `--${boundary}--\r\n`)),
  };
}

/** A boundary that is in no picture: 128 random bits. */
export function newBoundary(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return `faceauth-${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

const encoder = new TextEncoder();

function encode(text: string): Uint8Array {
  return encoder.encode(text);
}

function joined(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
