/** How this app signs people in: FaceAuth as an OpenID Connect provider. */
const faceauth = {
  id: "faceauth",
  name: "FaceAuth",
  type: "oauth",
  wellKnown: `${process.env.ISSUER}/.well-known/openid-configuration`,
  clientId: process.env.CLIENT_ID,
  clientSecret: process.env.CLIENT_SECRET,
  // The kind of the deployment's signing key: EdDSA, or ES256. next-auth wants it named.
  client: { id_token_signed_response_alg: process.env.SIGNING_ALGORITHM ?? "EdDSA" },
  authorization: { params: { scope: "openid profile" } },
  checks: ["pkce", "state", "nonce"],
  idToken: true,
  profile: (claims) => ({ id: claims.sub, name: claims.preferred_username }),
};

export const options = {
  providers: [faceauth],
  callbacks: {
    jwt({ token, profile }) {
      return profile ? { ...token, acr: profile.acr } : token;
    },
    session({ session, token }) {
      return { ...session, acr: token.acr };
    },
  },
};
