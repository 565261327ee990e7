/**
 * WebAuthn's options and credentials as JSON (WebAuthn Level 3, 5.1.8 to 5.1.10), for browsers that
 * cannot convert them themselves. Safari can since 18.4, Chromium since 129, Firefox since 119.
 */
import { fromBase64url, toBase64url } from "./base64url";

// The other fields are the same in both forms. Extensions with bytes are not asked for by the service.

/** The options of a new passkey, for `navigator.credentials.create`. */
export function creationOptions(json: PublicKeyCredentialCreationOptionsJSON): PublicKeyCredentialCreationOptions {
  const { challenge, user, excludeCredentials, ...rest } = json;
  return {
    ...(rest as unknown as Omit<PublicKeyCredentialCreationOptions, "challenge" | "user">),
    challenge: fromBase64url(challenge),
    user: { ...user, id: fromBase64url(user.id) },
    ...(excludeCredentials ? { excludeCredentials: excludeCredentials.map(descriptor) } : {}),
  };
}

/** The options of a passkey that is shown, for `navigator.credentials.get`. */
export function requestOptions(json: PublicKeyCredentialRequestOptionsJSON): PublicKeyCredentialRequestOptions {
  const { challenge, allowCredentials, ...rest } = json;
  return {
    ...(rest as unknown as Omit<PublicKeyCredentialRequestOptions, "challenge">),
    challenge: fromBase64url(challenge),
    ...(allowCredentials ? { allowCredentials: allowCredentials.map(descriptor) } : {}),
  };
}

function descriptor({ id, type, transports }: PublicKeyCredentialDescriptorJSON): PublicKeyCredentialDescriptor {
  return {
    id: fromBase64url(id),
    type: type as PublicKeyCredentialType,
    ...(transports ? { transports: transports as AuthenticatorTransport[] } : {}),
  };
}

/** A browser's answer as the service takes it. */
export function credentialJson(credential: PublicKeyCredential): object {
  const { response } = credential;
  return {
    id: credential.id,
    rawId: toBase64url(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: {
      clientDataJSON: toBase64url(response.clientDataJSON),
      ...("attestationObject" in response
        ? attested(response as AuthenticatorAttestationResponse)
        : asserted(response as AuthenticatorAssertionResponse)),
    },
  };
}

function attested(response: AuthenticatorAttestationResponse) {
  // Older browsers do not tell how the device is reached.
  const transports = response.getTransports?.() ?? [];
  return { attestationObject: toBase64url(response.attestationObject), transports };
}

function asserted({ authenticatorData, signature, userHandle }: AuthenticatorAssertionResponse) {
  return {
    authenticatorData: toBase64url(authenticatorData),
    signature: toBase64url(signature),
    userHandle: userHandle && toBase64url(userHandle),
  };
}
