import type { ComponentChildren } from "preact";

interface ButtonProps {
  readonly kind?: "primary" | "plain" | "danger";
  /** Shows that work is under way and ignores presses. */
  readonly busy?: boolean;
  /** Ignores presses, but stays reachable by keyboard: focus must not jump away. */
  readonly waiting?: boolean;
  readonly submit?: boolean;
  /** Says more than the words on it, to who does not see where it stands. */
  readonly label?: string;
  readonly onPress?: () => void;
  readonly children: ComponentChildren;
}

export function Button({ kind = "plain", busy = false, waiting = false, submit = false, label, onPress, children }: ButtonProps) {
  const idle = busy || waiting;
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
      {busy && <span class="spinner" aria-hidden="true" />}
      {children}
    </button>
  );
}
