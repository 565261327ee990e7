import { getServerSession } from "next-auth";
import { options } from "../auth";
import { SignIn, SignOut } from "./buttons";

// Who is signed in differs from request to request.
export const dynamic = "force-dynamic";

export default async function Page() {
  const session = await getServerSession(options);
  return (
    <main>
      <h1>A Next.js app</h1>
      {session ? (
        <>
          <p>
            Signed in as <b id="name">{session.user.name}</b> by <code id="acr">{session.acr}</code>
          </p>
          <SignOut />
        </>
      ) : (
        <>
          <p id="nobody">Nobody is signed in.</p>
          <SignIn />
        </>
      )}
    </main>
  );
}
