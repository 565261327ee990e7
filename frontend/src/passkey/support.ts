/** Whether passkeys can be used where the page is. */

export type PasskeySupport =
  | { readonly usable: true }
  /** The browser has no passkeys. */
  | { readonly usable: false; readonly because: "browser" }
  /** The page is at an IP address, which has no passkeys. `instead` is the same page by name, where it has one. */
  | { readonly usable: false; readonly because: "address"; readonly instead?: string };

/** `known` says whether the browser knows passkeys. */
export function passkeySupport(url: URL, known: boolean): PasskeySupport {
  if (isIpAddress(url.hostname)) {
    if (!LOOPBACK.has(url.hostname)) return { usable: false, because: "address" };
    const instead = new URL(url);
    instead.hostname = "localhost";
    return { usable: false, because: "address", instead: instead.href };
  }
  return known ? { usable: true } : { usable: false, because: "browser" };
}

/** This machine, as `URL.hostname` writes it. */
const LOOPBACK: ReadonlySet<string> = new Set(["127.0.0.1", "[::1]"]);

/** `URL` writes every IPv4 address with four numbers and every IPv6 address in brackets. */
function isIpAddress(hostname: string): boolean {
  return hostname.startsWith("[") || /^\d+(\.\d+){3}$/.test(hostname);
}

/** Whether passkeys can be used on this page. */
export function passkeySupportHere(): PasskeySupport {
  // Pages that are not secure have no `PublicKeyCredential`.
  return passkeySupport(new URL(location.href), typeof PublicKeyCredential !== "undefined");
}
