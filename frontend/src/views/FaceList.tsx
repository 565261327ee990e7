import { useState } from "preact/hooks";
import type { Api } from "../api/client";
import type { Problem } from "../api/errors";
import type { TokenHolder } from "../api/session";
import type { CaptureLimits, EnrolledFace } from "../api/types";
import { useTexts } from "../text/context";
import { moment } from "../text/texts";
import { Button } from "./Button";
import { EntryCamera } from "./EntryCamera";
import { Icon } from "./icons";
import { ListProblem } from "./ListProblem";
import { ProblemNotice } from "./Notice";
import type { Listing } from "./useListing";

interface FaceListProps {
  readonly api: Api;
  readonly holder: TokenHolder;
  readonly listing: Listing<EnrolledFace[]>;
  readonly limits: CaptureLimits | undefined;
  readonly username: string;
  readonly onNews: (news: string) => void;
}

/** The faces of the account: what is kept about each, never the face itself. */
export function FaceList({ api, holder, listing, limits, username, onNews }: FaceListProps) {
  const texts = useTexts();
  const { ui } = texts;
  const [adding, setAdding] = useState(false);
  const [removing, setRemoving] = useState<string>();
  const [problem, setProblem] = useState<Problem>();

  async function remove(id: string) {
    setRemoving(id);
    setProblem(undefined);
    const result = await holder.run((token) => api.removeFace(token, id));
    setRemoving(undefined);
    if (!result.ok) return setProblem(result.problem);
    onNews(ui.faceRemoved);
    await listing.read();
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
            void listing.read();
          }}
          onCancel={() => setAdding(false)}
        />
      </section>
    );
  }

  const { answer } = listing;
  const faces = answer?.ok ? answer.value : [];
  return (
    <section class="card">
      <div class="card-head">
        <h2>{ui.faces}</h2>
        {limits && <Button onPress={() => setAdding(true)}>{ui.addFace}</Button>}
      </div>
      <p class="quiet">{ui.addFaceHint}</p>
      <ListProblem listing={listing} />
      <div role="status">
        {answer?.ok && faces.length === 0 && <p class="quiet">{ui.facesNone}</p>}
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
