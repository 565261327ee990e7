// All that a page needs: listen, and take the token to your own server. It checks the signature
// with the keys at /.well-known/jwks.json, and the issuer and the audience with what it expects.
const element = document.querySelector("face-sign-in");
const outcome = document.querySelector("#outcome");

element.addEventListener("signedin", ({ detail }) => {
  outcome.textContent = `Hello ${detail.user.username}. Your token lasts ${detail.expires_in} seconds.`;
});

element.addEventListener("problem", ({ detail }) => {
  outcome.textContent = `That did not work: ${detail.code}`;
});
