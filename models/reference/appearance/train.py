"""Trains the classifiers of crates/vision/src/appearance.rs on photos of faces and writes gradients.bin.

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
        ("surgical", "ffp2", "black", "pattern", "skinmask", "scarf", "hand_mouth", "niqab"),
        0.03,
        1.0,
    ),
    "dark_mask": (("black", "niqab"), 0.03, 0.3),
    "under_nose": (("under_nose",), 0.03, 1.2),
    "hand_mouth": (("hand_mouth",), 0.03, 0.5),
    "left_eye": (("hand_eye",), 0.03, 1.1),
    "both_eyes": (("hand_eyes",), 0.03, 1.25),
    "dark_glasses": (("sunglasses",), 0.1, 2.9),
    "noise": (("blur3noise", "blur4noise", "smallnoise", "smallsharp"), 0.03, 2.7),
}
# Trained on pictures and their mirror images. The right eye's classifier is the left eye's in a mirror.
COVERED = (
    *("mouth", "dark_mask", "under_nose", "hand_mouth"),
    *("left_eye", "both_eyes", "dark_glasses"),
)
# Share of the log odds that counts. At a sign-in the limit is 1: people in dark glasses are recognised
# by what was enrolled without, so it lies further off for them.
SHARE = {"dark_glasses": 0.4}
NATURAL = (
    *("upright", "mirror", "hijab", "glasses", "beard", "dark4", "bright2", "blur3", "small35"),
    *("jpeg10", "jpeg30", "noise8", "noise20", "mixblue", "small50", "sharpen1"),
)
# Every picture is treated in a third of the ways; of people who are not trained on in a sixth.
EVERY, EVERY_OTHER = 3, 6
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

    def of(self, file, seed, kinds, every):
        """(kind, features) of one file, treated in some ways."""
        picture = pic.read(file)
        box = self.box(picture)
        if box is None:
            return
        points = self.landmarker.locate(picture, box).astype(float)
        yield "upright", features.features(self.crop(picture, box))
        for index, kind in enumerate(kinds):
            if (index + seed) % every:
                continue
            where = box
            if kind in covered.KINDS:
                changed = covered.KINDS[kind](picture, covered.elsewhere(points, seed), seed)
            else:
                changed = treated.KINDS[kind](picture)
            if kind in TURNED:
                where = self.box(changed)
            if where is not None:
                values = features.features(self.crop(changed, where))
                # Even seeds cover the other eye.
                yield kind, (
                    features.mirrored(values) if kind == "hand_eye" and seed % 2 == 0 else values
                )


def collect(options, names):
    """Kinds and features of all pictures, and which are trained on."""
    pictures = Pictures(tomllib.loads(options.manifest.read_text()), options.weights)
    wanted = [kind for name in names for kind in HEADS[name][0]] + list(NATURAL[1:])
    kinds, values, trained = [], [], []
    for index, file in enumerate(sorted(options.people.glob("*/*"))):
        half = zlib.crc32(file.parent.name.encode()) % 2 == 0
        for kind, numbers in pictures.of(file, index, wanted, EVERY if half else EVERY_OTHER):
            kinds.append(kind)
            values.append(numbers)
            trained.append(half)
    return np.array(kinds), np.array(values, np.float32), np.array(trained)


def kept(file, collected):
    """What `collected` returns, kept in `file` or read from it; nothing is kept without one."""
    if file and file.exists():
        read = np.load(file)
        return read["kinds"], read["values"], read["trained"]
    kinds, values, trained = collected()
    if file:
        np.savez(file, kinds=kinds, values=values, trained=trained)
    return kinds, values, trained


def fit(values, positive, strength):
    model = LogisticRegression(C=strength, max_iter=300, tol=1e-3, class_weight="balanced")
    return model.fit(values, positive)


def fitted(name, values, positive, strength):
    """A classifier of these pictures; of what can be covered on either side, mirrored ones too."""
    if name not in COVERED:
        return fit(values, positive, strength)
    # In a mirror it is the other eye that is covered.
    again = ~positive if name == "left_eye" else np.ones_like(positive)
    both = np.concatenate([values, features.mirrored(values[again])])
    return fit(both, np.concatenate([positive, positive[again]]), strength)


def train(name, kinds, values, trained):
    """The row of one classifier: its bias, less its limit, and its weights."""
    positives, strength, limit = HEADS[name]
    positive = np.isin(kinds, positives)
    used = (positive | np.isin(kinds, NATURAL)) & trained
    photos = used & (kinds == "upright")
    odds = fitted(name, values[used], positive[used], strength).decision_function(values)
    used &= ~(photos & (odds > np.quantile(odds[photos], 1 - OUTLIERS)))
    model = fitted(name, values[used], positive[used], strength)
    odds = model.decision_function(values) - limit
    for kind in ("upright", *positives):
        of = odds[(kinds == kind) & ~trained]
        print(f"{name}: {100 * (of >= 0).mean():.2f} % of {len(of)} {kind}", flush=True)
    return SHARE.get(name, 1) * np.concatenate([[model.intercept_[0] - limit], model.coef_[0]])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("people", type=pathlib.Path, help="a folder of folders of photos")
    parser.add_argument("weights", type=pathlib.Path, help="folder of the prepared weights")
    parser.add_argument("output", type=pathlib.Path, help="the file to write")
    root = pathlib.Path(__file__).parents[2]
    parser.add_argument("--manifest", type=pathlib.Path, default=root / "manifest.toml")
    parser.add_argument(
        "--only", nargs="+", choices=HEADS, help="keep the other rows of the output"
    )
    parser.add_argument("--features", type=pathlib.Path, help="read from here, or kept here if new")
    options = parser.parse_args()
    names = options.only or list(HEADS)
    kinds, values, trained = kept(options.features, lambda: collect(options, names))
    rows = dict.fromkeys(features.NAMES)
    if options.only:
        written = np.fromfile(options.output, "<f4").reshape(len(features.NAMES), -1)
        rows = dict(zip(features.NAMES, written))
    for name in names:
        rows[name] = train(name, kinds, values, trained)
    left = rows["left_eye"]
    rows["right_eye"] = np.concatenate([left[:1], features.mirrored(left[1:])])
    np.array([rows[name] for name in features.NAMES], "<f4").tofile(options.output)


if __name__ == "__main__":
    main()
