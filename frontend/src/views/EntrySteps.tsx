import { useState } from "preact/hooks";
import { asksSecondFactor } from "../api/client";
import type { Problem } from "../api/errors";
import type { FaceAnswer, SecondFactor, SignedIn } from "../api/types";
import { EntryForm, type EntryFormProps } from "./EntryForm";
import { SecondFactorSteps } from "./SecondFactorSteps";

interface EntryStepsProps extends Omit<EntryFormProps, "onAnswer" | "onPasskey"> {
  readonly onSignedIn: (signedIn: SignedIn) => void;
  /** Told when a second factor is asked for. */
  readonly onAsked?: ((asked: SecondFactor) => void) | undefined;
}

/** The name and the face, then the second factor where one is asked for. */
export function EntrySteps({ onSignedIn, onAsked, ...form }: EntryStepsProps) {
  const { api, entry, limits } = form;
  const [asked, setAsked] = useState<{ readonly by: SecondFactor; readonly alone: boolean }>();

  function ask(by: SecondFactor, alone: boolean) {
    setAsked({ by, alone });
    onAsked?.(by);
  }

  function take(answer: FaceAnswer) {
    if (asksSecondFactor(answer)) ask(answer, false);
    else onSignedIn(answer);
  }

  /** Begins with a passkey alone; the problem, if there is one. */
  async function beginAlone(): Promise<Problem | undefined> {
    const begun = await api.challengePasskey();
    if (!begun.ok) return begun.problem;
    ask(begun.value, true);
    return undefined;
  }

  if (asked) {
    return (
      <SecondFactorSteps
        api={api}
        asked={asked.by}
        alone={asked.alone}
        onSignedIn={onSignedIn}
        onStartOver={() => setAsked(undefined)}
      />
    );
  }
  const alone = entry === "signIn" && limits.passkey_alone;
  return <EntryForm {...form} onAnswer={take} onPasskey={alone ? beginAlone : undefined} />;
}
