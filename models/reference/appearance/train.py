"""Trains the classifiers of crates/vision/src/appearance.rs on photos of faces and writes weights.bin.

The folder holds a folder for each person, as LFW does. People are halved: one half is trained on,
and of the other are the figures that are printed. Nothing of a person is kept: each classifier is one
number for each cell and direction, of thousands of pictures.
"""

import argparse
import pathlib
import sys
import tomllib
import zlib

import numpy as np
from sklearn.linear_model import LogisticRegression

import covered
import features
import treated

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
import models  # noqa: E402
import picture as pic  # noqa: E402

# For each classifier: the pictures it is for, how little its weights are held back, and which log odds
# are its limit, chosen on the people that were not trained on (docs/measurements).
TURNED = "rot180", "rot90", "rot270", "flipv", "rot135"
HEADS = {
    "turned": (TURNED, 0.003, 1.15),
    "negative": (("negative", "lneg", "greyneg"), 0.03, 0.3),
    "embossed": (("emboss", "emboss_grey", "canny", "halftone"), 0.03, 0.5),
    "mouth": (
        (
            "surgical",
            "ffp2",
            "black",
            "pattern",
            "skinmask",
            "scarf",
            "hand_mouth",
            "niqab",
            "under_nose",
        ),
        0.03,
        1.0,
    ),
    "eyes": (("hand_eye", "hand_eyes", "sunglasses"), 0.03, 1.85),
    "noise": (("blur3noise", "blur4noise", "smallnoise", "smallsharp"), 0.03, 2.7),
}
NATURAL = (
    *("upright", "mirror", "hijab", "glasses", "beard", "dark4", "bright2", "blur3", "small35"),
    *("jpeg10", "jpeg30", "noise8", "noise20", "mixblue", "small50", "sharpen1"),
)
# Every picture is treated in a third of the ways.
EVERY = 3
# Share of the photos that are left out at the second fit: some people do wear dark glasses.
OUTLIERS = 0.004


class Pictures:
    """Photos, treated and aligned."""

    def __init__(self, manifest, weights):
        self.detector = models.Detector(manifest["detection"], weights)
        self.landmarker = models.Landmarker(manifest["landmarks"], weights)
        self.matcher = models.Matcher(manifest["embedding"], weights)

    def crop(self, picture, box):
        points = models.five(self.landmarker.locate(picture, box))
        return self.matcher.align(picture, points)

    def box(self, picture):
        faces = self.detector.detect(picture)
        return faces[0][0] if faces else None

    def of(self, file, seed):
        """(kind, features) of one file, treated in some ways."""
        picture = pic.read(file)
        box = self.box(picture)
        if box is None:
            return
        points = self.landmarker.locate(picture, box).astype(float)
        kinds = [kind for kinds, *_ in HEADS.values() for kind in kinds] + list(NATURAL[1:])
        yield "upright", features.features(self.crop(picture, box))
        for index, kind in enumerate(kinds):
            if (index + seed) % EVERY:
                continue
            where = box
            if kind in covered.KINDS:
                changed = covered.KINDS[kind](picture, points, seed)
            else:
                changed = treated.KINDS[kind](picture)
            if kind in TURNED:
                where = self.box(changed)
            if where is not None:
                yield kind, features.features(self.crop(changed, where))


def fit(values, positive, strength):
    model = LogisticRegression(C=strength, max_iter=300, class_weight="balanced")
    return model.fit(values, positive)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("people", type=pathlib.Path, help="a folder of folders of photos")
    parser.add_argument("weights", type=pathlib.Path, help="folder of the prepared weights")
    parser.add_argument("output", type=pathlib.Path, help="the file to write")
    root = pathlib.Path(__file__).parents[2]
    parser.add_argument("--manifest", type=pathlib.Path, default=root / "manifest.toml")
    options = parser.parse_args()
    pictures = Pictures(tomllib.loads(options.manifest.read_text()), options.weights)
    kinds, values, trained = [], [], []
    for index, file in enumerate(sorted(options.people.glob("*/*"))):
        half = zlib.crc32(file.parent.name.encode()) % 2 == 0
        for kind, numbers in pictures.of(file, index):
            kinds.append(kind)
            values.append(numbers)
            trained.append(half)
    kinds, values, trained = np.array(kinds), np.array(values), np.array(trained)
    rows = []
    for name, (positives, strength, limit) in HEADS.items():
        positive = np.isin(kinds, positives)
        used = (positive | np.isin(kinds, NATURAL)) & trained
        photos = used & (kinds == "upright")
        odds = fit(values[used], positive[used], strength).decision_function(values)
        used &= ~(photos & (odds > np.quantile(odds[photos], 1 - OUTLIERS)))
        model = fit(values[used], positive[used], strength)
        odds = model.decision_function(values) - limit
        for kind in ("upright", *positives):
            of = odds[(kinds == kind) & ~trained]
            print(f"{name}: {100 * (of >= 0).mean():.2f} % of {len(of)} {kind}")
        rows.append(np.concatenate([[model.intercept_[0] - limit], model.coef_[0]]))
    np.array(rows, "<f4").tofile(options.output)


if __name__ == "__main__":
    main()
