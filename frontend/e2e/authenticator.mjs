/** A device with passkeys, which the browser simulates: Chromium's virtual authenticator. */

/** Gives `page` a device that unlocks itself and keeps passkeys of its own. */
export async function giveAuthenticator(page) {
  const session = await page.context().newCDPSession(page);
  await session.send("WebAuthn.enable", { enableUI: false });
  const options = {
    protocol: "ctap2",
    ctap2Version: "ctap2_1",
    transport: "internal",
    hasResidentKey: true,
    hasUserVerification: true,
    isUserVerified: true,
    automaticPresenceSimulation: true,
  };
  let { authenticatorId } = await session.send("WebAuthn.addVirtualAuthenticator", { options });
  return {
    /** Its owner has lost it, with its passkeys, and has another device now. */
    async isReplaced() {
      await session.send("WebAuthn.removeVirtualAuthenticator", { authenticatorId });
      ({ authenticatorId } = await session.send("WebAuthn.addVirtualAuthenticator", { options }));
    },

    /** Whether its owner unlocks it when it asks. */
    unlocks: (isUserVerified) => session.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified }),

    /** Its passkeys, with their keys. */
    async passkeys() {
      const { credentials } = await session.send("WebAuthn.getCredentials", { authenticatorId });
      return credentials;
    },

    /** Keeps `passkey`, which another device made: as a synced one gets to the next device. */
    keep: (passkey) => session.send("WebAuthn.addCredential", { authenticatorId, credential: passkey }),

    /** Puts `passkey` in the place of itself, with another count. */
    async setCount(passkey, signCount) {
      const { credentialId } = passkey;
      await session.send("WebAuthn.removeCredential", { authenticatorId, credentialId });
      await session.send("WebAuthn.addCredential", { authenticatorId, credential: { ...passkey, signCount } });
    },
  };
}
