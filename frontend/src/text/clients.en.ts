/** What the account says about connected apps, in English. */

export const clientsEn = {
  clients: "Connected apps",
  clientsWhat: "Apps that you signed in to with this account. None of them gets your face or your pictures.",
  clientGets: (what: string) => `It gets: ${what}.`,
  clientSince: (when: string) => `Since ${when}`,
  clientRemove: "Disconnect",
  clientRemoveOf: (app: string) => `Disconnect ${app}`,
  clientRemoveTitle: (app: string) => `Disconnect ${app}?`,
  clientRemoveBody: "Its access ends, and next time it has to ask you again. What it has read already, it may keep.",
  clientRemoveConfirm: "Disconnect",
  clientRemoveBusy: "Disconnecting",
  clientKeep: "Leave it connected",
  clientRemoved: (app: string) => `${app} is disconnected.`,
};
