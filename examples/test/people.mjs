/** Somebody at a browser, whom the service knows, and who has a passkey. */
import { giveAuthenticator } from "../../frontend/e2e/authenticator.mjs";
import { enrol, openPage, someone, startCamera } from "../../frontend/e2e/support.mjs";
import { ISSUER } from "./apps.mjs";

/** A liveness challenge with a verdict takes this long on a busy machine. */
export const AT_CAMERA_MS = 90_000;

const button = (page, name) => page.getByRole("button", { name, exact: true });

/**
 * Opens a page of the service and enrols a new person there. `apps` are the origins that the person
 * will go to. With `passkey` they add one.
 */
export async function newPerson(t, browser, apps, { passkey = false } = {}) {
  const page = await openPage(t, browser, {
    origin: ISSUER,
    origins: [ISSUER, ...apps],
    performer: "obama",
  });
  const username = someone();
  const device = await giveAuthenticator(page);
  await enrol(page, username, "obama.jpg");
  if (passkey) {
    await button(page, "Add a passkey").click();
    await makePasskey(page);
    await page.getByText("The passkey is added.").waitFor();
  }
  await button(page, "Sign out").click();
  await page.getByRole("tab", { name: "Sign in" }).waitFor();
  return { page, username, device };
}

/** Makes the first passkey where the page offers it, and keeps the recovery codes. */
async function makePasskey(page) {
  await page.getByLabel("Name of the passkey").fill("my key");
  await button(page, "Make a passkey").click();
  await page.locator("[name=kept]").check();
  await button(page, "Go on").click();
}

/** Shows the face, whatever comes of it. */
export const atCamera = ({ page, username }) => startCamera(page, username);

/** Signs in where the app wants a passkey and the person has none yet: makes it, as the page asks. */
export async function makeFirstPasskey({ page, username }) {
  await startCamera(page, username);
  await page.getByText("The app wants a passkey beside your face.").waitFor({ timeout: AT_CAMERA_MS });
  await makePasskey(page);
  await page.getByRole("button", { name: "Start the camera" }).waitFor();
}

/** Does what the sign-in page of the service asks for, at the camera, until the app has its answer. */
export async function signInAtCamera({ page, username }, { passkey = false, consent = true } = {}) {
  await startCamera(page, username);
  if (passkey) {
    await page
      .getByRole("heading", { name: "Now confirm with your passkey" })
      .waitFor({ timeout: AT_CAMERA_MS });
    await button(page, "Use my passkey").click();
  }
  if (consent) {
    await button(page, "Allow").waitFor({ timeout: AT_CAMERA_MS });
    await button(page, "Allow").click();
  }
}

/** Goes on with the sign-in that the browser remembers. */
export async function goOn({ page, username }) {
  await button(page, `Continue as ${username}`).click();
}
