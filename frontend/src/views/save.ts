/** Time after which a download has certainly begun, in milliseconds. */
const BEGUN_MS = 10_000;

/** Gives the person a file. */
export function save(file: Blob, name: string) {
  const url = URL.createObjectURL(file);
  const link = Object.assign(document.createElement("a"), { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), BEGUN_MS);
}
