import { useEffect, useState } from "preact/hooks";
import type { Api } from "../api/client";
import type { PageLook } from "../api/types";
import { rulesOf } from "./look";

/**
 * The look of this deployment, which colours the page and names the tab too. `undefined` until the
 * service has answered; the default when it does not.
 */
export function usePageLook(api: Api): PageLook | undefined {
  const [look, setLook] = useState<PageLook>();
  useEffect(() => {
    void api.pageLook().then((answer) => {
      const look = answer.ok ? answer.value : {};
      dress(look);
      setLook(look);
    });
  }, [api]);
  return look;
}

function dress(look: PageLook) {
  if (look.name) document.title = look.name;
  const rules = rulesOf(look);
  if (rules === "") return;
  // A constructed sheet is no inline style: the page's strict policy allows it.
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(rules);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}
