/** What is said where somebody signs in to another application, in German. */
import type { loginEn } from "./login.en";
import type { Translated } from "./texts";

export const loginDe: Translated<typeof loginEn> = {
  loginTitle: (app: string) => `Bei ${app} anmelden`,
  loginAsks: (app: string) => `${app} bittet Sie, sich anzumelden. Die App erfährt, wer Sie sind, und sieht nie Ihr Gesicht.`,
  loginSecondFactor: "Sie verlangt nach dem Gesicht Ihren Passkey.",
  loginContinue: (username: string) => `Weiter als ${username}`,
  loginSignedInHere: "Sie sind in diesem Browser angemeldet.",
  loginAnother: "Anderes Konto verwenden",
  loginCancel: (app: string) => `Abbrechen und zurück zu ${app}`,
  loginConsentTitle: (app: string) => `${app} möchte wissen, wer Sie sind`,
  loginConsentWho: (username: string) => `Sie sind angemeldet als ${username}.`,
  loginGives: "Wenn Sie es erlauben, bekommt die App:",
  loginGivesId: "eine Nummer, die für Sie steht",
  loginGivesName: "Ihren Benutzernamen",
  loginGivesOffline: "dies auch, während Sie fort sind, bis Sie es zurücknehmen",
  loginGivesNever: "Ihr Gesicht und Ihre Bilder bekommt sie nie. Sie können dies in Ihrem Konto zurücknehmen, unter „Verbundene Apps“.",
  loginAllow: "Erlauben",
  loginDeny: "Nicht erlauben",
  loginLeaving: (app: string) => `Zurück zu ${app}`,
  loginLeavingHint: "Wenn nichts geschieht, verwenden Sie den Link.",
  loginLeavingLink: (app: string) => `Weiter zu ${app}`,
  loginOverTitle: "Diese Anmeldung kann nicht weitergehen",
  loginOverAdvice:
    "Sie ist abgelaufen, schon beendet oder wurde in einem anderen Browser begonnen. Gehen Sie zur App zurück und beginnen Sie neu.",
  loginRefusedTitle: "Die Anfrage der App ist nicht gültig",
  loginRefusedAdvice:
    "Niemand wurde angemeldet. Gehen Sie zur App zurück und versuchen Sie es noch einmal. Bleibt es dabei, sagen Sie ihrem Betreiber, was unten steht.",
  loginRefusedClient: "Die App ist hier nicht bekannt, oder nicht unter der Adresse, die sie genannt hat.",
  loginRefusedOther: "Die Anfrage ist unvollständig oder fehlerhaft.",
  loginPasskeyFirst: "Die App verlangt neben Ihrem Gesicht einen Passkey. Legen Sie einen an, und melden Sie sich dann mit beiden an.",
  loginToPage: "Zur Seite dieses Dienstes",
  logoutTitle: "Abmelden?",
  logoutBody: "Damit endet Ihre Anmeldung in diesem Browser. Apps, bei denen Sie sich angemeldet haben, behalten vielleicht ihre eigene.",
  logoutConfirm: "Abmelden",
  logoutStay: "Angemeldet bleiben",
  logoutStayed: "Sie sind weiter angemeldet.",
  logoutDone: "Sie sind abgemeldet.",
};
