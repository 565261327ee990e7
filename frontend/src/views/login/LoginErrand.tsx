import { useCallback, useEffect, useLayoutEffect, useState } from "preact/hooks";
import type { Api } from "../../api/client";
import type { Result } from "../../api/errors";
import type { LoginApi, LoginRequest } from "../../api/login";
import { useTexts } from "../../text/context";
import { Button } from "../Button";
import { Loading } from "../Loading";
import { ProblemNotice } from "../Notice";
import { ClientConsent } from "./ClientConsent";
import { ContinueAs } from "./ContinueAs";
import { FirstPasskey } from "./FirstPasskey";
import { Leaving } from "./Leaving";
import { EndedRequest } from "./LoginStop";
import { outcomeOf } from "./stage";
import { SignInTo } from "./SignInTo";
import { type AnswerControl, useAnswer } from "./useAnswer";

interface LoginErrandProps {
  readonly api: Api;
  readonly login: LoginApi;
  /** The secret of the address. */
  readonly request: string;
  /** Told in which languages the app wants the page. */
  readonly onLocales: (tags: readonly string[]) => void;
}

/** Reads what the app asks for; till then, how that goes. */
export function LoginErrand({ api, login, request, onLocales }: LoginErrandProps) {
  const { ui } = useTexts();
  const [read, setRead] = useState<Result<LoginRequest>>();
  const ask = useCallback(() => {
    setRead(undefined);
    void login.read(request).then((answer) => {
      if (answer.ok) onLocales(answer.value.ui_locales);
      setRead(answer);
    });
  }, [login, request]);
  useEffect(ask, [ask]);

  if (!read) return <Loading />;
  if (read.ok) return <Answering api={api} login={login} request={request} asked={read.value} />;
  if (outcomeOf(read.problem) === "ended") return <EndedRequest />;
  return (
    <div class="card stop">
      <div role="status">
        <ProblemNotice problem={read.problem} wait={read.problem.retryAfter ?? 0} />
      </div>
      <div class="actions">
        <Button kind="primary" onPress={ask}>
          {ui.tryAgain}
        </Button>
      </div>
    </div>
  );
}

interface AnsweringProps extends Omit<LoginErrandProps, "onLocales"> {
  readonly asked: LoginRequest;
}

/** What is shown of the way to the answer. */
function Answering({ api, asked, ...rest }: AnsweringProps) {
  const { ui } = useTexts();
  const answer = useAnswer({ api, asked, ...rest });
  const { stage, busy, problem } = answer;
  const app = asked.client.name;
  useLayoutEffect(() => {
    document.title = ui.loginTitle(app);
  }, [ui, app]);

  if (stage.at === "ended") return <EndedRequest />;
  const asks = stage.at === "continue" || stage.at === "signing";
  return (
    <div class="card">
      {!asks && <h1 class="visually-hidden">{ui.loginTitle(app)}</h1>}
      <StageView api={api} asked={asked} answer={answer} />
      <div role="status">{problem && <ProblemNotice problem={problem} wait={problem.retryAfter ?? 0} />}</div>
      {stage.at === "signed" && problem && (
        <div class="actions">
          <Button kind="primary" busy={busy} onPress={() => answer.goOn(stage.username)}>
            {ui.tryAgain}
          </Button>
        </div>
      )}
      {(stage.at === "continue" || stage.at === "signed") && <Cancel app={app} onPress={answer.refuse} />}
    </div>
  );
}

/** Goes back to the app without a sign-in. */
function Cancel({ app, onPress }: { app: string; onPress: () => void }) {
  const { ui } = useTexts();
  return (
    <p>
      <button type="button" class="link" onClick={onPress}>
        {ui.loginCancel(app)}
      </button>
    </p>
  );
}

function StageView({ api, asked, answer }: Pick<AnsweringProps, "api" | "asked"> & { answer: AnswerControl }) {
  const { ui } = useTexts();
  const { stage, busy } = answer;
  const app = asked.client.name;
  switch (stage.at) {
    case "continue": {
      const { username } = stage;
      const goOn = () => answer.goOn(username);
      return <ContinueAs app={app} username={username} busy={busy} onContinue={goOn} onAnother={answer.signIn} />;
    }
    case "signing":
      return (
        <SignInTo api={api} asked={asked} onSignedIn={answer.signedIn}>
          <Cancel app={app} onPress={answer.refuse} />
        </SignInTo>
      );
    case "passkey":
      return <FirstPasskey api={api} session={stage.session} onMade={answer.signIn} onCancel={answer.refuse} />;
    case "signed":
      return (
        <div class="sending" role="status">
          <p class="instruction-prompt">{ui.signedIn}</p>
          {busy && <span class="spinner" aria-hidden="true" />}
        </div>
      );
    case "consent": {
      const { username } = stage;
      const { allow, refuse } = answer;
      return <ClientConsent app={app} scopes={asked.scopes} username={username} busy={busy} onAllow={allow} onDeny={refuse} />;
    }
    case "leaving":
      return <Leaving app={app} to={stage.to} />;
    case "ended":
      return null;
  }
}
