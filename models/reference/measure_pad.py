"""Measures the PAD models of a manifest on presentations of your own.

The data folder holds `bona_fide/` and `attack/` with pictures and video clips. Of a clip
every fifth frame counts. Pictures and frames in which no face is found are counted and
left out: the product refuses them before PAD.
"""

import argparse
import pathlib
import tomllib

import cv2
import numpy as np
from PIL import UnidentifiedImageError

import pad
import picture as pic
from reference import Reference

CLIPS = {".avi", ".mkv", ".mov", ".mp4", ".webm"}
EVERY = 5


def pictures(path):
    """The pictures of a file."""
    if path.suffix.lower() not in CLIPS:
        try:
            yield pic.read(path)
        except UnidentifiedImageError:
            print(f"not a picture: {path}")
        return
    clip, index = cv2.VideoCapture(str(path)), 0
    while (grabbed := clip.read())[0]:
        if index % EVERY == 0:
            yield cv2.cvtColor(grabbed[1], cv2.COLOR_BGR2RGB)
        index += 1


def measure(reference, folder):
    """One row of probabilities for each picture with a face, and how many had none."""
    rows, faceless = [], 0
    for path in sorted(p for p in folder.iterdir() if p.is_file()):
        for picture in pictures(path):
            faces = reference.detector.detect(picture)
            if faces:
                rows.append([model.bona_fide(picture, faces[0][0]) for model in reference.pad])
            else:
                faceless += 1
    return np.array(rows).reshape(-1, len(reference.pad)), faceless


def report(name, bona_fide, attack, threshold):
    """Prints AUC, equal error rate and the errors at `threshold` (ISO/IEC 30107-3)."""
    larger = (bona_fide[:, None] > attack).mean() + (bona_fide[:, None] == attack).mean() / 2
    cuts = np.append(np.unique(np.append(bona_fide, attack)), np.inf)
    apcer = np.array([(attack >= cut).mean() for cut in cuts])
    bpcer = np.array([(bona_fide < cut).mean() for cut in cuts])
    at = np.argmin(np.abs(apcer - bpcer))
    print(
        f"{name}: AUC {larger:.3f}; EER {(apcer[at] + bpcer[at]) / 2:.1%} at {cuts[at]:.3f};"
        f" at {threshold}: APCER {(attack >= threshold).sum()}/{len(attack)}"
        f" = {(attack >= threshold).mean():.1%},"
        f" BPCER {(bona_fide < threshold).sum()}/{len(bona_fide)}"
        f" = {(bona_fide < threshold).mean():.1%}"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=pathlib.Path, help="folder with bona_fide/ and attack/")
    parser.add_argument("weights", type=pathlib.Path, help="folder of the prepared weights")
    parser.add_argument("antispoof", type=pathlib.Path, help="folder of antispoof.json and .bin")
    root = pathlib.Path(__file__).resolve().parent.parent
    parser.add_argument("--manifest", type=pathlib.Path, default=root / "manifest.toml")
    options = parser.parse_args()
    manifest = tomllib.loads(options.manifest.read_text())
    reference = Reference(manifest, options.weights, options.antispoof)
    spec = manifest["pad"]
    values = {}
    for kind in "bona_fide", "attack":
        values[kind], faceless = measure(reference, options.data / kind)
        print(f"{kind}: {len(values[kind])} with a face, {faceless} without")
    for index, model in enumerate(spec["models"]):
        report(model["id"], values["bona_fide"][:, index], values["attack"][:, index], 0.5)
    joined = {
        kind: pad.joined(rows, spec["models"], spec["bias"]) for kind, rows in values.items()
    }
    report("joined", joined["bona_fide"], joined["attack"], spec["threshold"])


if __name__ == "__main__":
    main()
