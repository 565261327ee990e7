/** What stands beside the form, in German. */
import type { Translated } from "./texts";
import type { explanationEn } from "./explanation.en";

export const explanationDe: Translated<typeof explanationEn> = {
  explainTitle: "Was geschehen wird",
  explainPoses: "Sie schauen zu beiden Seiten und gerade in die Kamera.",
  explainPrompts: "Sie folgen drei kurzen Aufforderungen wie diesen. Sie werden jedes Mal neu gezogen.",
  explainReview: "Sie sehen die Bilder durch, bevor sie gesendet werden.",
  explainEnrolCheck: "Der Dienst prüft, ob Sie selbst da sind.",
  explainCheck: "Der Dienst prüft, ob Sie selbst da sind und ob es Ihr Gesicht ist.",
  explainEnrolled: "Von da an melden Sie sich mit Ihrem Gesicht an.",
  explainSignedIn: "Sie sind angemeldet.",
  explainPictures: "Wohin Ihre Bilder gehen",
  explainNobody: "Zu diesem Dienst und zu niemandem sonst.",
  explainForgotten: "Sie werden angesehen und nicht aufbewahrt.",
  explainDescription: "Sie werden nicht aufbewahrt. Aufbewahrt wird eine verschlüsselte Beschreibung Ihres Gesichts.",
  explainImages: (days: number) =>
    `Aufbewahrt werden eine verschlüsselte Beschreibung Ihres Gesichts und für ${days} Tage ein kleines Bild, verschlüsselt.`,
  explainBrowser: "In diesem Browser bleibt nichts davon.",
};
