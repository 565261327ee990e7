import type { ComponentChildren } from "preact";

interface ButtonProps {
  readonly kind?: "primary" | "plain" | "danger";
  /** Shows that work is under way and ignores presses. */
  readonly busy?: boolean;
  /** The words on it meanwhile, when others than before. */
  readonly doing?: string | undefined;
  /** Ignores presses, but stays reachable by keyboard: focus must not jump away. */
  readonly waiting?: boolean;
  readonly submit?: boolean;
  /** Says more than the words on it, to who does not see where it stands. */
  readonly label?: string;
  readonly onPress?: () => void;
  readonly children: ComponentChildren;
}

/** Has the same size before and while it works: else it would move its neighbours under somebody's finger. */
export function Button({ kind = "plain", busy = false, doing, waiting = false, submit = false, label, onPress, children }: ButtonProps) {
  const idle = busy || waiting;
  const replaced = doing === undefined ? "button-faint" : "button-away";
  return (
    <button
      type={submit ? "submit" : "button"}
      class={`button button-${kind}`}
      aria-disabled={idle}
      aria-label={label}
      onClick={(event) => {
        if (idle) event.preventDefault();
        else onPress?.();
      }}
    >
      <span class="button-faces">
        <span class={busy ? replaced : ""}>{children}</span>
        {(busy || doing !== undefined) && (
          <span class={busy ? "" : "button-away"}>
            <span class="spinner" aria-hidden="true" />
            {doing}
          </span>
        )}
      </span>
    </button>
  );
}
