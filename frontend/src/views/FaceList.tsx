import { useCallback, useEffect, useState } from "preact/hooks";
import type { Api } from "../api/client";
import type { Problem, Result } from "../api/errors";
import type { TokenHolder } from "../api/session";
import type { CaptureLimits, EnrolledFace } from "../api/types";
import { useTexts } from "../text/context";
import { moment } from "../text/texts";
import { Button } from "./Button";
import { EntryCamera } from "./EntryCamera";
import { Icon } from "./icons";
import { ProblemNotice } from "./Notice";

interface FaceListProps {
  readonly api: Api;
  readonly holder: TokenHolder;
  readonly limits: CaptureLimits | undefined;
  readonly username: string;
  readonly onNews: (news: string) => void;
}

/** The faces of the account: what is kept about each, never the face itself. */
export function FaceList({ api, holder, limits, username, onNews }: FaceListProps) {
  const texts = useTexts();
  const { ui } = texts;
  const [listed, setListed] = useState<Result<EnrolledFace[]>>();
  const [adding, setAdding] = useState(false);
  const [removing, setRemoving] = useState<string>();
  const [problem, setProblem] = useState<Problem>();

  const list = useCallback(async () => setListed(await holder.run((token) => api.faces(token))), [api, holder]);
  useEffect(() => void list(), [list]);

  async function remove(id: string) {
    setRemoving(id);
    setProblem(undefined);
    const result = await holder.run((token) => api.removeFace(token, id));
    setRemoving(undefined);
    if (!result.ok) return setProblem(result.problem);
    onNews(ui.faceRemoved);
    await list();
  }

  if (adding && limits) {
    return (
      <section class="card">
        <h2>{ui.addFace}</h2>
        <EntryCamera
          api={api}
          limits={limits}
          way="challenge"
          wish={{ username, purpose: "register" }}
          send={(proof, onSent) => holder.run((token) => api.addFace(token, proof, onSent))}
          onDone={() => {
            setAdding(false);
            onNews(ui.faceAddedNow);
            void list();
          }}
          onCancel={() => setAdding(false)}
        />
      </section>
    );
  }

  const faces = listed?.ok ? listed.value : [];
  return (
    <section class="card">
      <div class="card-head">
        <h2>{ui.faces}</h2>
        {limits && <Button onPress={() => setAdding(true)}>{ui.addFace}</Button>}
      </div>
      <p class="quiet">{ui.addFaceHint}</p>
      <div role="status">
        {!listed && <p class="quiet">{ui.facesLoading}</p>}
        {listed && !listed.ok && <ProblemNotice problem={listed.problem} wait={listed.problem.retryAfter ?? 0} />}
        {listed?.ok && faces.length === 0 && <p class="quiet">{ui.facesNone}</p>}
        {problem && (
          <ProblemNotice problem={problem} wait={problem.retryAfter ?? 0}>
            {problem.code === "token_expired" && <p>{ui.freshNeeded}</p>}
          </ProblemNotice>
        )}
      </div>
      <ul class="faces">
        {faces.map((face) => {
          const when = moment(texts, new Date(face.created_at));
          return (
            <li key={face.id}>
              <Icon name="face" />
              <div class="faces-what">
                <p>{ui.faceAdded(when)}</p>
                <p class="quiet">{ui.faceModel(face.model)}</p>
              </div>
              <Button
                busy={removing === face.id}
                waiting={removing !== undefined}
                label={ui.removeFaceOf(when)}
                onPress={() => void remove(face.id)}
              >
                {ui.removeFace}
              </Button>
            </li>
          );
        })}
      </ul>
      {faces.length === 1 && <p class="quiet">{ui.lastFace}</p>}
    </section>
  );
}
