import type { PasskeySupport } from "../passkey/support";
import { useTexts } from "../text/context";
import { Notice, ProblemNotice } from "./Notice";
import type { PasskeyFault } from "./usePasskey";

/** Why there was no passkey, or why it was refused. Lies in a live region of its own. */
export function PasskeyFaultNotice({ fault }: { fault: PasskeyFault | undefined }) {
  const { ui, passkey } = useTexts();
  if (!fault) return null;
  if (fault.by === "service") {
    const { problem } = fault;
    return (
      <ProblemNotice problem={problem} wait={problem.retryAfter ?? 0}>
        {problem.code === "token_expired" && <p>{ui.freshNeeded}</p>}
      </ProblemNotice>
    );
  }
  const { title, advice } = passkey[fault.trouble];
  return (
    <Notice tone="attention" title={title}>
      <p>{advice}</p>
    </Notice>
  );
}

/** Why passkeys cannot be used on this page, and where they can. */
export function NoPasskeysHere({ support }: { support: PasskeySupport & { usable: false } }) {
  const { ui } = useTexts();
  if (support.because === "browser") {
    return (
      <Notice tone="attention" title={ui.passkeyNoBrowser}>
        <p>{ui.passkeyNoBrowserAdvice}</p>
      </Notice>
    );
  }
  return (
    <Notice tone="attention" title={ui.passkeyElsewhere}>
      <p>{ui.passkeyElsewhereAdvice}</p>
      {support.instead && (
        <p>
          <a href={support.instead}>{ui.passkeyOpenInstead(support.instead)}</a>
        </p>
      )}
    </Notice>
  );
}
