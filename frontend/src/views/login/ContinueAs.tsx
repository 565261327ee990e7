import { useTexts } from "../../text/context";
import { Button } from "../Button";
import { Asks } from "./Asks";

interface ContinueAsProps {
  /** The app's name. */
  readonly app: string;
  readonly username: string;
  readonly busy: boolean;
  readonly onContinue: () => void;
  readonly onAnother: () => void;
}

/** Whoever is signed in in this browser goes on with a press, or somebody else signs in. */
export function ContinueAs({ app, username, busy, onContinue, onAnother }: ContinueAsProps) {
  const { ui } = useTexts();
  return (
    <>
      <Asks app={app}>
        <p class="quiet">{ui.loginSignedInHere}</p>
      </Asks>
      <div class="actions">
        <Button kind="primary" busy={busy} onPress={onContinue}>
          {ui.loginContinue(username)}
        </Button>
        <Button waiting={busy} onPress={onAnother}>
          {ui.loginAnother}
        </Button>
      </div>
    </>
  );
}
