import { useTexts } from "../../text/context";
import type { Texts } from "../../text/texts";
import { Button } from "../Button";
import { StepHeading } from "../StepHeading";

interface ClientConsentProps {
  /** The app's name. */
  readonly app: string;
  readonly scopes: readonly string[];
  readonly username: string;
  readonly busy: boolean;
  readonly onAllow: () => void;
  readonly onDeny: () => void;
}

/** What an app of somebody else is given, and the question whether it may have it. */
export function ClientConsent({ app, scopes, username, busy, onAllow, onDeny }: ClientConsentProps) {
  const { ui } = useTexts();
  return (
    <section class="step">
      <StepHeading>{ui.loginConsentTitle(app)}</StepHeading>
      <p>{ui.loginConsentWho(username)}</p>
      <div>
        <p>{ui.loginGives}</p>
        <ul class="given">
          {givenBy(scopes, ui).map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      </div>
      <p class="quiet">{ui.loginGivesNever}</p>
      <div class="actions">
        <Button kind="primary" busy={busy} onPress={onAllow}>
          {ui.loginAllow}
        </Button>
        <Button waiting={busy} onPress={onDeny}>
          {ui.loginDeny}
        </Button>
      </div>
    </section>
  );
}

/** A line for each scope that is known here. */
export function givenBy(scopes: readonly string[], ui: Texts["ui"]): string[] {
  const lines: Readonly<Record<string, string>> = {
    openid: ui.loginGivesId,
    profile: ui.loginGivesName,
    offline_access: ui.loginGivesOffline,
  };
  return scopes.flatMap((scope) => lines[scope] ?? []);
}
