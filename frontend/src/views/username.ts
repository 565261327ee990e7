/** The service's rule for usernames, told before anything is sent. */

export type UsernameFault = "missing" | "invalid";

/** 1 to 128 ASCII letters, digits and `. _ - @ +`. */
const USERNAME = /^[A-Za-z0-9._@+-]{1,128}$/;

export function usernameFault(username: string): UsernameFault | undefined {
  if (username === "") return "missing";
  return USERNAME.test(username) ? undefined : "invalid";
}
