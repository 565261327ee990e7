import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { useTexts } from "../text/context";
import { Button } from "./Button";
import { save } from "./save";
import { StepHeading } from "./StepHeading";

interface RecoveryCodesProps {
  readonly codes: readonly string[];
  readonly username: string;
  /** The person says that the codes are kept. */
  readonly onKept: () => void;
}

/** The codes, which are shown this once. */
export function RecoveryCodes({ codes, username, onKept }: RecoveryCodesProps) {
  const { ui } = useTexts();
  const [kept, setKept] = useState(false);
  const [missing, setMissing] = useState(false);
  const [copied, setCopied] = useState<boolean>();
  const [printable, setPrintable] = useState(false);
  const section = useRef<HTMLElement>(null);
  const hint = useId();
  const text = [ui.codesFileTitle(username), "", ...codes, ""].join("\n");

  // Somebody else's page, which embeds the element, is not ours to print.
  useLayoutEffect(() => setPrintable(section.current?.getRootNode() === document), []);

  async function copy() {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
    } catch {
      setCopied(false);
    }
  }

  return (
    <section class="step codes" ref={section}>
      <StepHeading>{ui.codesTitle}</StepHeading>
      <p>{ui.codesHint}</p>
      <ol class="codes-list">
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ol>
      <div class="actions">
        <Button onPress={() => void copy()}>{ui.codesCopy}</Button>
        <Button onPress={() => save(new Blob([text], { type: "text/plain" }), "recovery-codes.txt")}>{ui.codesSave}</Button>
        {printable && <Button onPress={() => window.print()}>{ui.codesPrint}</Button>}
        <p role="status" class="quiet">
          {copied === undefined ? "" : copied ? ui.copied : ui.copyFailed}
        </p>
      </div>
      <div>
        <label class="check">
          <input
            type="checkbox"
            name="kept"
            checked={kept}
            aria-invalid={missing && !kept}
            aria-describedby={hint}
            onChange={(event) => setKept(event.currentTarget.checked)}
          />
          <span>{ui.codesKept}</span>
        </label>
        <p class="fault" id={hint} role="status">
          {missing && !kept && ui.codesKeptMissing}
        </p>
      </div>
      <div class="actions">
        <Button kind="primary" onPress={() => (kept ? onKept() : setMissing(true))}>
          {ui.codesGoOn}
        </Button>
      </div>
    </section>
  );
}
