import { useId, useState } from "preact/hooks";
import type { NewPasskey } from "../api/client";
import type { Result } from "../api/errors";
import type { SecondFactor } from "../api/types";
import { deviceName } from "../passkey/device";
import { passkeySupportHere } from "../passkey/support";
import { useTexts } from "../text/context";
import { Button } from "./Button";
import { NoPasskeysHere, PasskeyFaultNotice } from "./PasskeyNotice";
import { StepHeading } from "./StepHeading";
import { usePasskey } from "./usePasskey";

interface MakePasskeyProps<T> {
  /** Gets the options of the service. */
  readonly begin: () => Promise<Result<SecondFactor>>;
  readonly send: (passkey: NewPasskey) => Promise<Result<T>>;
  /** Whether the service asks for it. Else the person wants it. */
  readonly asked?: boolean;
  readonly onMade: (made: T) => void;
  readonly onCancel: () => void;
}

/** Most characters of a name: the service takes no more. */
const MAX_NAME_CHARS = 64;

/** Asks for a name, and has the browser make a passkey. */
export function MakePasskey<T>({ begin, send, asked = false, onMade, onCancel }: MakePasskeyProps<T>) {
  const { ui } = useTexts();
  const { busy, fault, ask, run } = usePasskey();
  const [support] = useState(passkeySupportHere);
  const [name, setName] = useState(() => deviceName(navigator.userAgent) ?? ui.passkeyNameDefault);
  const [invalid, setInvalid] = useState(false);
  const id = useId();
  const hint = useId();
  const expired = fault?.by === "service" && fault.problem.code === "transaction_expired";

  async function make() {
    setInvalid(name.trim() === "");
    if (busy || name.trim() === "") return;
    const begun = await ask(begin);
    if (!begun) return;
    const { transaction } = begun;
    const made = await run(begun, (credential) => send({ transaction, name: name.trim(), credential }));
    if (made) onMade(made);
  }

  return (
    <form
      class="step"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (expired && asked) onCancel();
        else void make();
      }}
    >
      <StepHeading>{asked ? ui.passkeyMakeTitle : ui.passkeyAdd}</StepHeading>
      <p>{asked ? ui.passkeyMakeHint : ui.passkeysWhy}</p>
      {support.usable && (
        <div>
          <label class="label" for={id}>
            {ui.passkeyName}
          </label>
          <input
            class="text"
            id={id}
            name="passkey-name"
            type="text"
            value={name}
            autocomplete="off"
            maxLength={MAX_NAME_CHARS}
            aria-describedby={hint}
            aria-invalid={invalid}
            onInput={(event) => setName(event.currentTarget.value)}
          />
          <p class={invalid ? "fault" : "quiet"} id={hint}>
            {invalid ? ui.passkeyNameInvalid : ui.passkeyNameHint}
          </p>
        </div>
      )}
      <div role="status">
        {support.usable ? <PasskeyFaultNotice fault={fault} /> : <NoPasskeysHere support={support} />}
      </div>
      <div class="actions">
        {support.usable && (
          <Button kind="primary" submit busy={busy} doing={ui.passkeyShowBusy}>
            {expired && asked ? ui.startOver : ui.passkeyMake}
          </Button>
        )}
        <Button onPress={onCancel}>{ui.closeCamera}</Button>
      </div>
    </form>
  );
}
