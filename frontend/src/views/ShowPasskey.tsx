import { useEffect, useState } from "preact/hooks";
import type { Api } from "../api/client";
import type { SecondFactor, SignedIn } from "../api/types";
import { passkeySupportHere } from "../passkey/support";
import { useTexts } from "../text/context";
import { Button } from "./Button";
import { NoPasskeysHere, PasskeyFaultNotice } from "./PasskeyNotice";
import { StepHeading } from "./StepHeading";
import { usePasskey } from "./usePasskey";

interface ShowPasskeyProps {
  readonly api: Api;
  readonly asked: SecondFactor;
  /** No face was shown before. The press that led here starts the browser's prompt too. */
  readonly alone: boolean;
  readonly onSignedIn: (signedIn: SignedIn) => void;
  readonly onCode: () => void;
  readonly onStartOver: () => void;
}

/** Asks for a passkey, which the browser shows. */
export function ShowPasskey({ api, asked, alone, onSignedIn, onCode, onStartOver }: ShowPasskeyProps) {
  const { ui } = useTexts();
  const { busy, fault, run } = usePasskey();
  const [support] = useState(passkeySupportHere);
  const expired = fault?.by === "service" && fault.problem.code === "transaction_expired";

  async function show() {
    const { transaction } = asked;
    const signedIn = await run(asked, (credential) => api.verifyPasskey({ transaction, credential }));
    if (signedIn) onSignedIn(signedIn);
  }
  useEffect(() => {
    if (alone && support.usable) void show();
  }, []);

  return (
    <section class="step">
      <StepHeading>{alone ? ui.passkeyAlone : ui.passkeyShowTitle}</StepHeading>
      <p>{alone ? ui.passkeyAloneHint : ui.passkeyShowHint}</p>
      <div role="status">
        {support.usable ? <PasskeyFaultNotice fault={fault} /> : <NoPasskeysHere support={support} />}
      </div>
      <div class="actions">
        {support.usable && !expired && (
          <Button kind="primary" busy={busy} doing={ui.passkeyShowBusy} onPress={() => void show()}>
            {ui.passkeyShow}
          </Button>
        )}
        {!alone && !expired && <Button onPress={onCode}>{ui.recoveryUse}</Button>}
        <Button kind={expired ? "primary" : "plain"} onPress={onStartOver}>
          {expired ? ui.startOver : ui.closeCamera}
        </Button>
      </div>
    </section>
  );
}
