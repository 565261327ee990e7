import { useId } from "preact/hooks";
import { useTexts } from "../text/context";
import type { UsernameFault } from "./username";

interface UsernameFieldProps {
  readonly value: string;
  readonly onValue: (value: string) => void;
  readonly fault: UsernameFault | undefined;
}

export function UsernameField({ value, onValue, fault }: UsernameFieldProps) {
  const { ui } = useTexts();
  const id = useId();
  const hint = useId();
  return (
    <div>
      <label class="label" for={id}>
        {ui.username}
      </label>
      <input
        class="text"
        id={id}
        name="username"
        type="text"
        value={value}
        autocomplete="username"
        autocapitalize="none"
        spellcheck={false}
        maxLength={128}
        aria-describedby={hint}
        aria-invalid={fault !== undefined}
        onInput={(event) => onValue(event.currentTarget.value)}
      />
      <p class={fault ? "fault" : "quiet"} id={hint}>
        {fault === "missing" ? ui.usernameMissing : fault === "invalid" ? ui.usernameInvalid : ui.usernameHint}
      </p>
    </div>
  );
}
