import { useState } from "preact/hooks";
import type { Api } from "../api/client";
import type { SecondFactor, SignedIn, SignedInWithCodes } from "../api/types";
import { MakePasskey } from "./MakePasskey";
import { RecoveryCodeForm } from "./RecoveryCodeForm";
import { RecoveryCodes } from "./RecoveryCodes";
import { ShowPasskey } from "./ShowPasskey";

interface SecondFactorStepsProps {
  readonly api: Api;
  readonly asked: SecondFactor;
  /** No face was shown before: a recovery code is not enough then. */
  readonly alone: boolean;
  readonly onSignedIn: (signedIn: SignedIn) => void;
  /** Begins again, with the face or with the name. */
  readonly onStartOver: () => void;
}

/** What is asked for after the face, or alone, until somebody is signed in. */
export function SecondFactorSteps({ api, asked, alone, onSignedIn, onStartOver }: SecondFactorStepsProps) {
  const [byCode, setByCode] = useState(false);
  const [made, setMade] = useState<SignedInWithCodes>();

  if (made) {
    const { recovery_codes, ...signedIn } = made;
    return <RecoveryCodes codes={recovery_codes} username={made.user.username} onKept={() => onSignedIn(signedIn)} />;
  }
  if (asked.next === "register_passkey") {
    return (
      <MakePasskey
        begin={() => Promise.resolve({ ok: true, value: asked })}
        send={(passkey) => api.registerPasskey(passkey)}
        asked
        onMade={setMade}
        onCancel={onStartOver}
      />
    );
  }
  if (byCode) {
    return (
      <RecoveryCodeForm
        api={api}
        transaction={asked.transaction}
        onSignedIn={onSignedIn}
        onPasskey={() => setByCode(false)}
        onStartOver={onStartOver}
      />
    );
  }
  return (
    <ShowPasskey
      api={api}
      asked={asked}
      alone={alone}
      onSignedIn={onSignedIn}
      onCode={() => setByCode(true)}
      onStartOver={onStartOver}
    />
  );
}
