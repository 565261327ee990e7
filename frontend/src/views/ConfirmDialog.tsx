import { useId, useLayoutEffect, useRef } from "preact/hooks";
import type { Problem } from "../api/errors";
import { useTexts } from "../text/context";
import { Button } from "./Button";
import { ProblemNotice } from "./Notice";

interface ConfirmDialogProps {
  readonly title: string;
  readonly body: string;
  /** The words on the button that does it. */
  readonly confirm: string;
  /** The words on it while it is done. */
  readonly doing: string;
  /** The words on the button that leaves everything as it is. */
  readonly keep: string;
  readonly busy: boolean;
  readonly problem?: Problem | undefined;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}

/** Asks before something that cannot be undone. Escape and the first button leave everything as it is. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const { title, body, confirm, doing, keep, busy, problem, onConfirm, onClose } = props;
  const { ui } = useTexts();
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  const bodyId = useId();
  useLayoutEffect(() => dialog.current?.showModal(), []);

  return (
    <dialog
      ref={dialog}
      aria-labelledby={titleId}
      aria-describedby={bodyId}
      onClose={onClose}
      onCancel={(event) => busy && event.preventDefault()}
    >
      <h2 id={titleId}>{title}</h2>
      <p id={bodyId}>{body}</p>
      <div role="status">
        {problem && (
          <ProblemNotice problem={problem} wait={problem.retryAfter ?? 0}>
            {problem.code === "token_expired" && <p>{ui.freshNeeded}</p>}
          </ProblemNotice>
        )}
      </div>
      <div class="actions">
        <Button waiting={busy} onPress={() => dialog.current?.close()}>
          {keep}
        </Button>
        <Button kind="danger" busy={busy} doing={doing} onPress={onConfirm}>
          {confirm}
        </Button>
      </div>
    </dialog>
  );
}
