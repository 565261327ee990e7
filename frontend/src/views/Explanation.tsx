import { useTexts } from "../text/context";
import type { Prompt } from "../text/texts";
import { PromptFigure } from "./PromptFigure";

/** What is asked for at the camera: fixed looks, or prompts that the service draws. */
type Looks = "poses" | "prompts";

/** Three looks of each kind, as a mirror shows them. */
const SHOWN: Record<Looks, readonly Prompt[]> = {
  poses: ["look_left", "straight", "look_right"],
  prompts: ["turn_left", "look_up", "turn_right"],
};

interface ExplanationProps {
  readonly looks: Looks;
  readonly enrols: boolean;
  /** Days for which the service keeps pictures; 0 when it keeps none. */
  readonly imageDays: number;
}

/** What will happen, and where the pictures go. It stands beside the form, and not on a phone. */
export function Explanation({ looks, enrols, imageDays }: ExplanationProps) {
  const { ui } = useTexts();
  const kept = !enrols ? ui.explainForgotten : imageDays > 0 ? ui.explainImages(imageDays) : ui.explainDescription;
  return (
    <div class="explanation">
      <div class="looks" aria-hidden="true">
        {SHOWN[looks].map((prompt) => (
          <PromptFigure key={prompt} prompt={prompt} />
        ))}
      </div>
      <h2>{ui.explainTitle}</h2>
      <ol>
        <li>{looks === "poses" ? ui.explainPoses : ui.explainPrompts}</li>
        <li>{enrols ? (looks === "poses" ? ui.explainReview : ui.explainEnrolCheck) : ui.explainCheck}</li>
        <li>{enrols ? ui.explainEnrolled : ui.explainSignedIn}</li>
      </ol>
      <h2>{ui.explainPictures}</h2>
      <ul>
        <li>{ui.explainNobody}</li>
        <li>{kept}</li>
        <li>{ui.explainBrowser}</li>
      </ul>
    </div>
  );
}
