import { useState } from "preact/hooks";
import type { Api } from "../../api/client";
import type { LoginApi } from "../../api/login";
import { PageFrame } from "../PageFrame";
import type { Errand } from "./errand";
import { LoginErrand } from "./LoginErrand";
import { RefusedRequest } from "./LoginStop";
import { LoggedOut, Logout } from "./Logout";

interface LoginPageProps {
  readonly api: Api;
  readonly login: LoginApi;
  readonly errand: Errand;
}

/** The page to which apps send people, to sign in and to sign out. */
export function LoginPage({ api, login, errand }: LoginPageProps) {
  const [wished, setWished] = useState<readonly string[]>([]);
  return (
    <PageFrame api={api} service="" wished={wished}>
      {errand.at === "request" && (
        <LoginErrand api={api} login={login} request={errand.request} onLocales={setWished} />
      )}
      {errand.at === "logout" && <Logout login={login} logout={errand.logout} />}
      {errand.at === "loggedOut" && <LoggedOut />}
      {errand.at === "error" && <RefusedRequest word={errand.word} />}
    </PageFrame>
  );
}
