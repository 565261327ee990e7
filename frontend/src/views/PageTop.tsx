import type { PageLook } from "../api/types";
import { useTexts } from "../text/context";
import { Icon } from "./icons";

interface PageTopProps {
  readonly look: PageLook | undefined;
  /** Origin of the service, "" when it is the page's own. */
  readonly service: string;
}

/** Whose page it is. Until that is known, room is kept for it. */
export function PageTop({ look, service }: PageTopProps) {
  const { ui } = useTexts();
  return (
    <header class="top">
      {look && (
        <>
          {/* The name beside it says whose page it is. */}
          {look.logo ? <img class="logo" src={service + look.logo} alt="" /> : <Icon name="face" />}
          <p class="product">{look.name ?? ui.product}</p>
          {!look.name && <p class="tagline">{ui.tagline}</p>}
        </>
      )}
    </header>
  );
}
