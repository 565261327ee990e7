import { useState } from "preact/hooks";
import type { Api } from "../../api/client";
import type { SignedIn } from "../../api/types";
import { useTexts } from "../../text/context";
import { MakePasskey } from "../MakePasskey";
import { RecoveryCodes } from "../RecoveryCodes";

interface FirstPasskeyProps {
  readonly api: Api;
  readonly session: SignedIn;
  readonly onMade: () => void;
  readonly onCancel: () => void;
}

/** Makes a passkey for somebody who has none, where the app wants one. */
export function FirstPasskey({ api, session, onMade, onCancel }: FirstPasskeyProps) {
  const { ui } = useTexts();
  const [codes, setCodes] = useState<readonly string[]>();
  const { access_token: token, user } = session;
  if (codes) return <RecoveryCodes codes={codes} username={user.username} onKept={onMade} />;
  return (
    <>
      <p>{ui.loginPasskeyFirst}</p>
      <MakePasskey
        begin={() => api.challengeNewPasskey(token)}
        send={(passkey) => api.addPasskey(token, passkey)}
        onMade={({ recovery_codes }) => (recovery_codes ? setCodes(recovery_codes) : onMade())}
        onCancel={onCancel}
      />
    </>
  );
}
