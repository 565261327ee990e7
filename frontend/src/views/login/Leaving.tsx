import { useEffect } from "preact/hooks";
import { useTexts } from "../../text/context";
import { StepHeading } from "../StepHeading";

interface LeavingProps {
  /** The app's name. */
  readonly app: string;
  readonly to: string;
}

/** Schemes that would run in this page, and lead nowhere. */
const OWN_SCHEMES = /^(javascript|data|blob|vbscript):/i;

/** Goes back to the app. A browser may want a press before it opens an app: hence the link. */
export function Leaving({ app, to }: LeavingProps) {
  const { ui } = useTexts();
  const safe = !OWN_SCHEMES.test(to.trim());
  useEffect(() => {
    // The history has no step back to a request that is finished.
    if (safe) location.replace(to);
  }, []);
  return (
    <section class="step">
      <StepHeading>{ui.loginLeaving(app)}</StepHeading>
      {safe && (
        <p>
          {ui.loginLeavingHint} <a href={to}>{ui.loginLeavingLink(app)}</a>
        </p>
      )}
    </section>
  );
}
