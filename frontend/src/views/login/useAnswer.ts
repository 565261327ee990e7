import { useEffect, useRef, useState } from "preact/hooks";
import type { Api } from "../../api/client";
import type { Problem, Result } from "../../api/errors";
import type { LoginApi, LoginRequest, Onward } from "../../api/login";
import type { SignedIn } from "../../api/types";
import { outcomeOf, type Stage, stageAfterReading } from "./stage";

interface AnswerWish {
  readonly api: Api;
  readonly login: LoginApi;
  /** The secret of the address. */
  readonly request: string;
  readonly asked: LoginRequest;
}

export interface AnswerControl {
  readonly stage: Stage;
  readonly busy: boolean;
  readonly problem: Problem | undefined;
  /** Somebody has signed in. */
  signedIn(session: SignedIn): void;
  /** The signed-in person goes on: to the question for consent, or to the app. */
  goOn(username: string): void;
  /** Lets somebody sign in, who may be another person. */
  signIn(): void;
  allow(): void;
  refuse(): void;
}

/** From what an app asks to the answer that the browser takes back. */
export function useAnswer({ api, login, request, asked }: AnswerWish): AnswerControl {
  const [stage, setStage] = useState<Stage>(() => stageAfterReading(asked));
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  // In memory alone, until the service has made a login session of it.
  const held = useRef<SignedIn | undefined>(undefined);

  useEffect(() => {
    const end = () => setStage((now) => (now.at === "leaving" ? now : { at: "ended" }));
    const timer = setTimeout(end, asked.expires_in * 1000);
    return () => clearTimeout(timer);
  }, [asked]);

  /** Ends the page's own session, when nothing comes of it. */
  function drop() {
    const session = held.current;
    held.current = undefined;
    if (session) void api.revoke(session.refresh_token);
  }

  function refused(problem: Problem) {
    const outcome = outcomeOf(problem);
    const session = held.current;
    if (outcome === "consent") return setStage((now) => ({ at: "consent", username: usernameOf(now) }));
    setProblem(outcome === "ended" ? undefined : problem);
    if (outcome === "tryAgain") return;
    // Whoever has a passkey was asked for it, so this person has none yet.
    if (problem.code === "step_up_required" && asked.second_factor && session) {
      setProblem(undefined);
      return setStage({ at: "passkey", session });
    }
    drop();
    setStage({ at: outcome === "ended" ? "ended" : "signing" });
  }

  async function conclude(call: () => Promise<Result<Onward>>) {
    if (busy) return;
    setBusy(true);
    setProblem(undefined);
    const result = await call();
    setBusy(false);
    if (!result.ok) return refused(result.problem);
    held.current = undefined;
    setStage({ at: "leaving", to: result.value.redirect_to });
  }

  const usernameOf = (now: Stage) => held.current?.user.username ?? ("username" in now ? now.username : "");
  const accept = (consent?: boolean) => {
    const accessToken = held.current?.access_token;
    return conclude(() => login.accept(request, { accessToken, ...(consent === undefined ? {} : { consent }) }));
  };
  const goOn = (username: string) => {
    // What was read is about the sign-in of this browser. Of somebody who has just signed in, the
    // service knows whether they agreed before, and says when it has to ask.
    const readOf = held.current ? undefined : asked;
    if (readOf?.needs_consent && !readOf.client.first_party) setStage({ at: "consent", username });
    else void accept();
  };

  return {
    stage,
    busy,
    problem,
    signedIn(session) {
      held.current = session;
      setProblem(undefined);
      setStage({ at: "signed", username: session.user.username });
      goOn(session.user.username);
    },
    goOn,
    signIn() {
      drop();
      setStage({ at: "signing" });
    },
    allow: () => void accept(true),
    refuse() {
      drop();
      void conclude(() => login.refuse(request));
    },
  };
}
