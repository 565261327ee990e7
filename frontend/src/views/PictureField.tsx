import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { useTexts } from "../text/context";
import type { Message } from "../text/texts";
import { Button } from "./Button";
import { Icon } from "./icons";
import { Notice } from "./Notice";
import { PhotoPane } from "./PhotoPane";
import { type Picture, verdictOf } from "./picture";
import type { PictureControl } from "./usePicture";

interface PictureFieldProps {
  readonly control: PictureControl;
  /** Shown when the form was sent without a picture. */
  readonly fault?: string | undefined;
}

/** Chooses and shows the one picture of a form. */
export function PictureField({ control, fault }: PictureFieldProps) {
  const { ui } = useTexts();
  const { picture } = control;
  const heading = useId();
  const group = useRef<HTMLElement>(null);

  // The pressed button is gone after each step, and focus with it: keep it in the field.
  const step = useRef(picture.at);
  useLayoutEffect(() => {
    if (step.current === picture.at) return;
    step.current = picture.at;
    if (document.activeElement === document.body) {
      group.current?.querySelector<HTMLElement>("button, input")?.focus();
    }
  }, [picture.at]);

  return (
    <section class="picture" aria-labelledby={heading} ref={group}>
      <h2 class="label" id={heading}>
        {ui.picture}
      </h2>
      <Body control={control} />
      <div role="status">
        <Status picture={picture} />
      </div>
      {picture.at === "photo" && (
        <div class="actions">
          <Button onPress={control.clear}>{ui.anotherPicture}</Button>
        </div>
      )}
      {fault && picture.at === "empty" && <p class="fault">{fault}</p>}
    </section>
  );
}

function Body({ control }: { control: PictureControl }) {
  const { picture } = control;
  switch (picture.at) {
    case "photo":
      return <PhotoPane photo={picture.photo} found={picture.found} />;
    case "preparing":
      return (
        <div class="drop drop-busy">
          <span class="spinner" aria-hidden="true" />
        </div>
      );
    case "empty":
    case "photoTrouble":
      return <DropZone control={control} />;
  }
}

function Status({ picture }: { picture: Picture }) {
  const texts = useTexts();
  const { ui } = texts;
  switch (picture.at) {
    case "empty":
      return null;
    case "preparing":
      return <p class="hint">{ui.preparing}</p>;
    case "photoTrouble":
      return <Trouble message={texts.photo[picture.trouble]} />;
    case "photo": {
      if (!picture.found) return <p class="hint">{ui.checking}</p>;
      const { good, lines } = verdictOf(picture.found, texts);
      return (
        <ul class={good ? "verdict verdict-good" : "verdict verdict-attention"}>
          {lines.map((line) => (
            <li key={line}>
              <Icon name={good ? "good" : "attention"} />
              {line}
            </li>
          ))}
        </ul>
      );
    }
  }
}

function Trouble({ message }: { message: Message }) {
  return (
    <Notice tone="attention" title={message.title}>
      <p>{message.advice}</p>
    </Notice>
  );
}

function DropZone({ control }: { control: PictureControl }) {
  const { ui } = useTexts();
  const input = useId();
  const [over, setOver] = useState(false);
  return (
    <div
      class={over ? "drop drop-over" : "drop"}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        const file = event.dataTransfer?.files[0];
        if (file) control.chooseFile(file);
      }}
    >
      <Icon name="face" />
      <p class="drop-title">{ui.dropTitle}</p>
      <div class="actions">
        <div class="file">
          <input
            class="visually-hidden"
            id={input}
            type="file"
            accept="image/*"
            onChange={(event) => {
              const file = event.currentTarget.files?.[0];
              if (file) control.chooseFile(file);
            }}
          />
          <label class="button button-plain" for={input}>
            {ui.choosePhoto}
          </label>
        </div>
      </div>
      <p class="quiet">
        <span class="mouse-only">{ui.dropHere} </span>
        {ui.dropHint}
      </p>
    </div>
  );
}
