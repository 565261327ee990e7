/** Asks the browser to make a passkey or to show one. */
import { creationOptions, credentialJson, requestOptions } from "./json";

/** Why the browser gave no passkey. */
export type PasskeyTrouble =
  /** The person said no, did not unlock the device, or waited too long: browsers do not say which. */
  | "cancelled"
  /** The device has a passkey of this account already. */
  | "registered"
  /** The page is not at the address that the passkeys are for. */
  | "address"
  | "failed";

export type PasskeyResult =
  /** What the service takes as `credential`. */
  | { readonly ok: true; readonly credential: object }
  | { readonly ok: false; readonly trouble: PasskeyTrouble };

/** Makes a passkey for the `options` of the service. */
export function makePasskey(options: object): Promise<PasskeyResult> {
  const json = options as PublicKeyCredentialCreationOptionsJSON;
  return answered(() => navigator.credentials.create({ publicKey: parsedCreation(json) }));
}

/** Shows a passkey for the `options` of the service. */
export function showPasskey(options: object): Promise<PasskeyResult> {
  const json = options as PublicKeyCredentialRequestOptionsJSON;
  return answered(() => navigator.credentials.get({ publicKey: parsedRequest(json) }));
}

function parsedCreation(json: PublicKeyCredentialCreationOptionsJSON): PublicKeyCredentialCreationOptions {
  return PublicKeyCredential.parseCreationOptionsFromJSON?.(json) ?? creationOptions(json);
}

function parsedRequest(json: PublicKeyCredentialRequestOptionsJSON): PublicKeyCredentialRequestOptions {
  return PublicKeyCredential.parseRequestOptionsFromJSON?.(json) ?? requestOptions(json);
}

/** A refusal of the browser is a value, never an exception. */
async function answered(ask: () => Promise<Credential | null>): Promise<PasskeyResult> {
  try {
    const credential = (await ask()) as PublicKeyCredential | null;
    if (!credential) return { ok: false, trouble: "failed" };
    return { ok: true, credential: toJson(credential) };
  } catch (error) {
    return { ok: false, trouble: troubleOf(error) };
  }
}

function toJson(credential: PublicKeyCredential): object {
  return typeof credential.toJSON === "function" ? credential.toJSON() : credentialJson(credential);
}

/** What an exception of `navigator.credentials` means (WebAuthn Level 3, 5.1.3 and 5.1.4). */
export function troubleOf(error: unknown): PasskeyTrouble {
  const name = error instanceof Error || error instanceof DOMException ? error.name : "";
  switch (name) {
    case "NotAllowedError":
    case "AbortError":
      return "cancelled";
    case "InvalidStateError":
      return "registered";
    case "SecurityError":
      return "address";
    default:
      return "failed";
  }
}
