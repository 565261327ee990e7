import { useState } from "preact/hooks";
import type { Problem } from "../../api/errors";
import type { LoginApi } from "../../api/login";
import { useTexts } from "../../text/context";
import { Button } from "../Button";
import { Notice, ProblemNotice } from "../Notice";
import { StepHeading } from "../StepHeading";

interface LogoutProps {
  readonly login: LoginApi;
  /** The secret of the address. */
  readonly logout: string;
}

/** Asks before the browser's sign-in ends: any site can send a browser here. */
export function Logout({ login, logout }: LogoutProps) {
  const { ui } = useTexts();
  const [over, setOver] = useState<"out" | "in">();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();

  async function signOut() {
    setBusy(true);
    setProblem(undefined);
    const result = await login.logout(logout);
    setBusy(false);
    if (!result.ok) return setProblem(result.problem);
    setOver("out");
    if (result.value.redirect_to) location.replace(result.value.redirect_to);
  }

  if (over === "out") return <LoggedOut />;
  if (over === "in") return <Over title={ui.logoutStayed} />;
  return (
    <div class="card">
      <h1 class="visually-hidden">{ui.signOut}</h1>
      <section class="step">
        <StepHeading>{ui.logoutTitle}</StepHeading>
        <p>{ui.logoutBody}</p>
        <div role="status">{problem && <ProblemNotice problem={problem} wait={problem.retryAfter ?? 0} />}</div>
        <div class="actions">
          <Button kind="primary" busy={busy} onPress={() => void signOut()}>
            {ui.logoutConfirm}
          </Button>
          <Button waiting={busy} onPress={() => setOver("in")}>
            {ui.logoutStay}
          </Button>
        </div>
      </section>
    </div>
  );
}

/** Nobody is signed in in this browser any more. */
export function LoggedOut() {
  const { ui } = useTexts();
  return <Over title={ui.logoutDone} />;
}

function Over({ title }: { title: string }) {
  const { ui } = useTexts();
  return (
    <div class="card">
      <h1 class="visually-hidden">{ui.signOut}</h1>
      <div role="alert">
        <Notice tone="good" title={title} />
      </div>
      <p>
        <a href="/">{ui.loginToPage}</a>
      </p>
    </div>
  );
}
