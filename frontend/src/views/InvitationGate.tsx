import type { ComponentChildren } from "preact";
import { useTexts } from "../text/context";
import { Button } from "./Button";
import { Loading } from "./Loading";
import { ProblemNotice } from "./Notice";
import type { OpenedInvitation } from "./useInvitation";

/** Somebody who was invited, and the secret that shows it. */
export interface Invited {
  readonly secret: string;
  readonly username: string;
}

interface InvitationGateProps {
  /** What the page was opened with; nothing when it was opened without a link. */
  readonly opened: OpenedInvitation | undefined;
  readonly askAgain: () => void;
  /** Goes on without the link. */
  readonly onForget: () => void;
  readonly children: (invited: Invited | undefined) => ComponentChildren;
}

/** What can be shown once the service has said whom the link is for; else what to do about it. */
export function InvitationGate({ opened, askAgain, onForget, children }: InvitationGateProps) {
  const { ui } = useTexts();
  if (!opened) return <>{children(undefined)}</>;
  const { secret, read } = opened;
  if (!read) return <Loading />;
  if (read.ok) return <>{children({ secret, username: read.value.username })}</>;
  const { problem } = read;
  // Asking again mends what has to do with the way there, and not what is wrong with the link.
  const final = problem.code === "invitation_invalid" || problem.code === "invitation_expired";
  return (
    <div class="stop">
      <div role="status">
        <ProblemNotice problem={problem} wait={problem.retryAfter ?? 0} />
      </div>
      <div class="actions">
        <Button kind="primary" onPress={final ? onForget : askAgain}>
          {final ? ui.withoutInvitation : ui.tryAgain}
        </Button>
      </div>
    </div>
  );
}
