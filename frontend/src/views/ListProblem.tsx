import { useTexts } from "../text/context";
import { Button } from "./Button";
import { ProblemNotice } from "./Notice";
import type { Listing } from "./useListing";
import { useWait } from "./useWait";

/** Why a list could not be read, and a way to read it again. Nothing when it was read. */
export function ListProblem({ listing }: { listing: Listing<unknown> }) {
  const { ui } = useTexts();
  const { answer, awaited, read } = listing;
  const problem = answer && !answer.ok ? answer.problem : undefined;
  const wait = useWait(problem);
  return (
    <>
      <div role="status">{problem && <ProblemNotice problem={problem} wait={wait} />}</div>
      {problem && (
        <div class="actions">
          <Button busy={awaited} waiting={wait > 0} onPress={() => void read()}>
            {ui.tryAgain}
          </Button>
        </div>
      )}
    </>
  );
}
