import type { ComponentChildren } from "preact";
import { useTexts } from "../../text/context";

/** Which app asks, and what it learns. */
export function Asks({ app, children }: { app: string; children?: ComponentChildren }) {
  const { ui } = useTexts();
  return (
    <div class="asks">
      <h1>{ui.loginTitle(app)}</h1>
      <p class="hint">{ui.loginAsks(app)}</p>
      {children}
    </div>
  );
}
