import { useEffect, useId, useRef } from "preact/hooks";
import type { Problem } from "../api/errors";
import { useTexts } from "../text/context";
import { Button } from "./Button";
import { ProblemNotice } from "./Notice";

interface EraseDialogProps {
  readonly busy: boolean;
  readonly problem?: Problem | undefined;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}

/** Asks before erasing. Escape and the first button keep the account. */
export function EraseDialog({ busy, problem, onConfirm, onClose }: EraseDialogProps) {
  const { ui } = useTexts();
  const dialog = useRef<HTMLDialogElement>(null);
  const title = useId();
  const body = useId();
  useEffect(() => dialog.current?.showModal(), []);

  return (
    <dialog
      ref={dialog}
      aria-labelledby={title}
      aria-describedby={body}
      onClose={onClose}
      onCancel={(event) => busy && event.preventDefault()}
    >
      <h2 id={title}>{ui.eraseTitle}</h2>
      <p id={body}>{ui.eraseBody}</p>
      <div role="status">{problem && <ProblemNotice problem={problem} wait={problem.retryAfter ?? 0} />}</div>
      <div class="actions">
        <Button waiting={busy} onPress={() => dialog.current?.close()}>
          {ui.eraseCancel}
        </Button>
        <Button kind="danger" busy={busy} onPress={onConfirm}>
          {busy ? ui.eraseBusy : ui.eraseConfirm}
        </Button>
      </div>
    </dialog>
  );
}
