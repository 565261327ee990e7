"use client";

import { signIn, signOut } from "next-auth/react";

export function SignIn() {
  return <button onClick={() => signIn("faceauth")}>Sign in with FaceAuth</button>;
}

export function SignOut() {
  return <button onClick={() => signOut()}>Sign out</button>;
}
