import type { Prompt } from "../text/texts";

/**
 * A head that does what is asked, as a mirror would show it: their own left is on the left.
 * The movement is in the style sheet; without motion the end of it is shown.
 */
export function PromptFigure({ prompt }: { prompt: Prompt }) {
  return (
    <svg class={`figure figure-${prompt}`} viewBox="0 0 64 64" aria-hidden="true">
      <g class="figure-head">
        <ellipse cx="32" cy="32" rx="19" ry="24" />
        <g class="figure-features">
          <g class="figure-eyes">
            <circle cx="25" cy="28" r="2.2" />
            <circle cx="39" cy="28" r="2.2" />
          </g>
          <path d="M32 30v7" />
          <path d="M25.5 44.5a8.5 8.5 0 0 0 13 0" />
        </g>
      </g>
    </svg>
  );
}
