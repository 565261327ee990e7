import type { ComponentChildren } from "preact";
import { useLayoutEffect, useState } from "preact/hooks";
import type { Api } from "../api/client";
import { TextsContext } from "../text/context";
import { LANGUAGES, type Texts, textsFor } from "../text/texts";
import { PageTop } from "./PageTop";
import { usePageLook } from "./usePageLook";

interface PageFrameProps {
  readonly api: Api;
  /** Origin of the service, "" when it is the page's own. */
  readonly service: string;
  /** Languages that go before those of the browser, best first: BCP 47 tags. */
  readonly wished?: readonly string[];
  readonly children: ComponentChildren;
}

const NO_WISH: readonly string[] = [];

/** What stands around every view of the page, and the language that all of it speaks. */
export function PageFrame({ api, service, wished = NO_WISH, children }: PageFrameProps) {
  const [chosen, choose] = useState<string>();
  const texts = textsFor([...(chosen === undefined ? [] : [chosen]), ...wished, ...navigator.languages]);
  const look = usePageLook(api);
  useLayoutEffect(() => {
    document.documentElement.lang = texts.tag;
  }, [texts]);
  return (
    <TextsContext.Provider value={texts}>
      <PageTop look={look} service={service} />
      <main>{children}</main>
      <footer>
        <a href={`${service}/docs`}>{texts.ui.apiDocs}</a>
        <Language texts={texts} onChoose={choose} />
      </footer>
    </TextsContext.Provider>
  );
}

function Language({ texts, onChoose }: { texts: Texts; onChoose: (tag: string) => void }) {
  return (
    <select
      class="language"
      aria-label={texts.ui.language}
      value={texts.tag}
      onChange={(event) => onChoose(event.currentTarget.value)}
    >
      {LANGUAGES.map(({ tag, name }) => (
        <option key={tag} value={tag} lang={tag}>
          {name}
        </option>
      ))}
    </select>
  );
}
