import { useId, useState } from "preact/hooks";
import type { Api } from "../api/client";
import type { SignedIn } from "../api/types";
import { useTexts } from "../text/context";
import { Button } from "./Button";
import { PasskeyFaultNotice } from "./PasskeyNotice";
import { StepHeading } from "./StepHeading";
import { usePasskey } from "./usePasskey";

interface RecoveryCodeFormProps {
  readonly api: Api;
  readonly transaction: string;
  readonly onSignedIn: (signedIn: SignedIn) => void;
  readonly onPasskey: () => void;
  readonly onStartOver: () => void;
}

/** Longest text that is sent as a code: a code with dashes has 29 characters. */
const MAX_CODE_CHARS = 64;

/** Takes a recovery code in place of the passkey. */
export function RecoveryCodeForm({ api, transaction, onSignedIn, onPasskey, onStartOver }: RecoveryCodeFormProps) {
  const { ui } = useTexts();
  const { busy, fault, ask } = usePasskey();
  const [code, setCode] = useState("");
  const [missing, setMissing] = useState(false);
  const id = useId();
  const hint = useId();
  const expired = fault?.by === "service" && fault.problem.code === "transaction_expired";

  async function send() {
    setMissing(code.trim() === "");
    if (busy || code.trim() === "") return;
    const signedIn = await ask(() => api.verifyRecoveryCode(transaction, code.trim()));
    if (signedIn) onSignedIn(signedIn);
  }

  return (
    <form
      class="step"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (expired) onStartOver();
        else void send();
      }}
    >
      <StepHeading>{ui.recoveryTitle}</StepHeading>
      <div>
        <label class="label" for={id}>
          {ui.recoveryCode}
        </label>
        <input
          class="text code"
          id={id}
          name="code"
          type="text"
          value={code}
          autocomplete="one-time-code"
          autocapitalize="characters"
          spellcheck={false}
          maxLength={MAX_CODE_CHARS}
          aria-describedby={hint}
          aria-invalid={missing}
          onInput={(event) => setCode(event.currentTarget.value)}
        />
        <p class={missing ? "fault" : "quiet"} id={hint}>
          {missing ? ui.recoveryMissing : ui.recoveryCodeHint}
        </p>
      </div>
      <div role="status">
        <PasskeyFaultNotice fault={fault} />
      </div>
      <div class="actions">
        <Button kind="primary" submit busy={busy}>
          {expired ? ui.startOver : ui.recoverySend}
        </Button>
        {!expired && <Button onPress={onPasskey}>{ui.recoveryBack}</Button>}
      </div>
    </form>
  );
}
