"""Trains the classifiers of crates/vision/src/appearance/tones.rs as train.py does the others, and
writes tones.bin: mean and deviation of each feature, then bias and weights of each classifier."""

import argparse
import pathlib
import tomllib
import zlib

import numpy as np
from sklearn.linear_model import LogisticRegression

import tones
import train
import varied

# Log odds that are the limits, chosen on the people that were not trained on (docs/measurements).
LIMITS = dict(statue=3.2, drawing=0.0)
# How little the weights are held back.
STRENGTH = 0.3
# Every picture is treated in a fourth of the ways; unnatural ones count twice among them.
EVERY = 4
# Share of the treated pictures that are JPEG after it.
JPEG = 0.75
WAYS = [*varied.UNNATURAL, *varied.UNNATURAL, *varied.NATURAL]


def collect(options):
    """Kinds and features of all pictures, and which are trained on."""
    pictures = train.Pictures(tomllib.loads(options.manifest.read_text()), options.weights)
    ways = {**varied.UNNATURAL, **varied.NATURAL}
    kinds, values, trained = [], [], []

    def add(kind, picture, points, half):
        kinds.append(kind)
        values.append(tones.features(pictures.matcher.align(picture, points)))
        trained.append(half)

    for index, file in enumerate(sorted(options.people.glob("*/*"))):
        picture = train.pic.read(file)
        box = pictures.box(picture)
        if box is None:
            continue
        half, random = zlib.crc32(file.parent.name.encode()) % 2 == 0, np.random.RandomState(index)
        points = train.models.five(pictures.landmarker.locate(picture, box))
        add("upright", picture, points, half)
        for kind in WAYS[index % EVERY :: EVERY]:
            changed = ways[kind](picture, random)
            # Most pictures are sent as JPEG, whatever was done to them before.
            if random.rand() < JPEG:
                changed = varied.treated.jpeg(random.randint(60, 99))(changed)
            add(kind, changed, points, half)
    return np.array(kinds), np.array(values, np.float32), np.array(trained)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("people", type=pathlib.Path, help="a folder of folders of photos")
    parser.add_argument("weights", type=pathlib.Path, help="folder of the prepared weights")
    parser.add_argument("output", type=pathlib.Path, help="the file to write")
    root = pathlib.Path(__file__).parents[2]
    parser.add_argument("--manifest", type=pathlib.Path, default=root / "manifest.toml")
    parser.add_argument("--features", type=pathlib.Path, help="read from here, or kept here if new")
    options = parser.parse_args()
    kinds, values, trained = train.kept(options.features, lambda: collect(options))
    natural = np.isin(kinds, ["upright", *varied.NATURAL])
    mean = values[natural & trained].mean(0)
    scale = values[natural & trained].std(0) + 1e-3
    scaled = tones.scaled(values, mean, scale)
    rows = []
    for name in tones.NAMES:
        used = (natural | (kinds == name)) & trained
        model = LogisticRegression(C=STRENGTH, max_iter=2000, class_weight="balanced")
        model.fit(scaled[used], kinds[used] == name)
        odds = model.decision_function(scaled) - LIMITS[name]
        for kind in ("upright", *varied.UNNATURAL, *varied.NATURAL):
            of = odds[(kinds == kind) & ~trained]
            print(
                f"{name}: {100 * (of >= 0).mean():.2f} % of {len(of)} {kind}, most {of.max():.1f}"
            )
        rows.append(np.concatenate([model.intercept_ - LIMITS[name], model.coef_[0]]))
    np.concatenate([mean, scale, *rows]).astype("<f4").tofile(options.output)


if __name__ == "__main__":
    main()
