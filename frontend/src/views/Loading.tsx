import { useEffect, useState } from "preact/hooks";
import { useTexts } from "../text/context";

/**
 * A wait that is shorter, in milliseconds, keeps nobody's thoughts from flowing, so no words are needed
 * (Nielsen, Usability Engineering, 1993, chapter 5).
 */
const QUIET_MS = 1000;

/** Stands where an answer of the service will. Says so, to everybody, when that takes a while. */
export function Loading() {
  const { ui } = useTexts();
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), QUIET_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <p class="loading" role="status">
      <span class="spinner" aria-hidden="true" />
      {late && ui.loading}
    </p>
  );
}
