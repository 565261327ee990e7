import { useEffect, useState } from "preact/hooks";
import type { Api } from "../api/client";
import type { Result } from "../api/errors";
import type { Detection } from "../api/types";
import type { Photo } from "../camera/photo";
import { useTexts } from "../text/context";
import { Button } from "./Button";
import { Icon } from "./icons";
import { verdictOf } from "./picture";
import { useObjectUrl } from "./useObjectUrl";

interface ReviewProps {
  readonly api: Api;
  readonly shots: readonly (Photo | undefined)[];
  readonly onRetake: (index: number) => void;
  readonly onConfirm: () => void;
  readonly onCancel: () => void;
}

/** The pictures of an enrolment with what the service makes of each, before anything is kept. */
export function Review({ api, shots, onRetake, onConfirm, onCancel }: ReviewProps) {
  const { ui } = useTexts();
  return (
    <div class="review">
      <div>
        <h2>{ui.review}</h2>
        <p class="quiet">{ui.reviewHint}</p>
      </div>
      <ol class="shots">
        {shots.map(
          (shot, index) =>
            shot && <Shot key={index} api={api} shot={shot} number={index + 1} onRetake={() => onRetake(index)} />,
        )}
      </ol>
      <div class="actions">
        <Button kind="primary" onPress={onConfirm}>
          {ui.enrolAction}
        </Button>
        <Button onPress={onCancel}>{ui.closeCamera}</Button>
      </div>
    </div>
  );
}

interface ShotProps {
  readonly api: Api;
  readonly shot: Photo;
  readonly number: number;
  readonly onRetake: () => void;
}

function Shot({ api, shot, number, onRetake }: ShotProps) {
  const texts = useTexts();
  const { ui } = texts;
  const url = useObjectUrl(shot.jpeg);
  const [found, setFound] = useState<Result<Detection>>();
  useEffect(() => {
    let shown = true;
    setFound(undefined);
    void api.detect(shot.jpeg).then((result) => shown && setFound(result));
    return () => void (shown = false);
  }, [api, shot]);
  const verdict = found && verdictOf(found, texts);

  return (
    <li class="shot">
      {url && <img class="mirrored" src={url} alt={ui.shotAlt(number)} />}
      <p class={verdict?.good ? "shot-verdict verdict-good" : "shot-verdict verdict-attention"} role="status">
        {verdict && <Icon name={verdict.good ? "good" : "attention"} />}
        {verdict ? (verdict.good ? ui.shotGood : verdict.lines[0]) : ui.checking}
      </p>
      <Button onPress={onRetake}>
        {ui.retake}
        <span class="visually-hidden"> {ui.shotAlt(number)}</span>
      </Button>
    </li>
  );
}
