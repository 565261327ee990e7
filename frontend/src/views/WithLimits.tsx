import type { ComponentChildren } from "preact";
import type { Result } from "../api/errors";
import type { CaptureLimits } from "../api/types";
import { useTexts } from "../text/context";
import { Button } from "./Button";
import { Loading } from "./Loading";
import { ProblemNotice } from "./Notice";

interface WithLimitsProps {
  readonly limits: Result<CaptureLimits> | undefined;
  readonly askAgain: () => void;
  readonly children: (limits: CaptureLimits) => ComponentChildren;
}

/** What can be shown once the service has said what it asks of a capture; till then, how that goes. */
export function WithLimits({ limits, askAgain, children }: WithLimitsProps) {
  const { ui } = useTexts();
  if (!limits) return <Loading />;
  if (limits.ok) return <>{children(limits.value)}</>;
  return (
    <div class="stop">
      <ProblemNotice problem={limits.problem} wait={limits.problem.retryAfter ?? 0} />
      <div class="actions">
        <Button kind="primary" onPress={askAgain}>
          {ui.tryAgain}
        </Button>
      </div>
    </div>
  );
}
