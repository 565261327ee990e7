import { useEffect, useState } from "preact/hooks";
import type { Api } from "../api/client";
import type { Result } from "../api/errors";
import type { EnrolledFace } from "../api/types";
import { ui } from "../text/en";
import { Icon } from "./icons";
import { ProblemNotice } from "./Notice";

/** The faces of the account: what is kept about each, never the face itself. */
export function FaceList({ api, accessToken }: { api: Api; accessToken: string }) {
  const [listed, setListed] = useState<Result<EnrolledFace[]>>();
  useEffect(() => {
    let shown = true;
    void api.faces(accessToken).then((result) => shown && setListed(result));
    return () => void (shown = false);
  }, [api, accessToken]);

  return (
    <section class="card">
      <h2>{ui.faces}</h2>
      <div role="status">
        {!listed && <p class="quiet">{ui.facesLoading}</p>}
        {listed && !listed.ok && <ProblemNotice problem={listed.problem} wait={listed.problem.retryAfter ?? 0} />}
        {listed?.ok && listed.value.length === 0 && <p class="quiet">{ui.facesNone}</p>}
      </div>
      {listed?.ok && (
        <ul class="faces">
          {listed.value.map((face) => (
            <li key={face.id}>
              <Icon name="face" />
              <div>
                <p>{ui.faceAdded(new Date(face.created_at).toLocaleString())}</p>
                <p class="quiet">{ui.faceModel(face.model)}</p>
              </div>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
