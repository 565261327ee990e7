/** What the account says about connected apps, in German. */
import type { clientsEn } from "./clients.en";
import type { Translated } from "./texts";

export const clientsDe: Translated<typeof clientsEn> = {
  clients: "Verbundene Apps",
  clientsWhat: "Apps, bei denen Sie sich mit diesem Konto angemeldet haben. Keine bekommt Ihr Gesicht oder Ihre Bilder.",
  clientGets: (what: string) => `Sie bekommt: ${what}.`,
  clientSince: (when: string) => `Seit ${when}`,
  clientRemove: "Trennen",
  clientRemoveOf: (app: string) => `${app} trennen`,
  clientRemoveTitle: (app: string) => `${app} trennen?`,
  clientRemoveBody: "Ihr Zugang endet, und das nächste Mal muss sie wieder fragen. Was sie schon gelesen hat, behält sie vielleicht.",
  clientRemoveConfirm: "Trennen",
  clientRemoveBusy: "Wird getrennt",
  clientKeep: "Verbunden lassen",
  clientRemoved: (app: string) => `${app} ist getrennt.`,
};
