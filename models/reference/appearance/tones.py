"""Statistics of brightness and detail of the aligned crop, and what they say of it:
crates/vision/src/appearance/tones.rs, a second time and vectorised."""

import pathlib

import cv2
import numpy as np

SIDE = 112
ROWS, COLUMNS = np.mgrid[:SIDE, :SIDE] + 0.5
FACE = ((COLUMNS - 56) / 38) ** 2 + ((ROWS - 60) / 46) ** 2 < 1
SHADES, GRAINS, RANGES, LEVELS = 16, 8, 4, 4
FEW, TINY, SMALL, MOST_SKEW, FURTHEST = 20, 0.25, 1, 3, 5
NAMES = "statue", "drawing"
WEIGHTS = pathlib.Path(__file__).parents[3] / "crates/vision/src/appearance/tones.bin"


def features(crop):
    """Of an RGB crop of 112 x 112."""
    grey = cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY).astype(np.float32)
    padded = np.pad(grey, 1, mode="edge")
    around = padded[:-2, 1:-1] + padded[2:, 1:-1] + padded[1:-1, :-2] + padded[1:-1, 2:]
    values, grain = grey[FACE], np.log2(np.abs(around - 4 * grey)[FACE] + 1)
    found = list(np.bincount((values * SHADES / 256).astype(int), minlength=SHADES) / len(values))
    found += list(
        np.bincount(np.minimum(grain, GRAINS - 1).astype(int), minlength=GRAINS) / len(values)
    )
    for index in range(RANGES):
        within = (values * RANGES / 256).astype(int) == index
        found.append(grain[within].sum() / (within.sum() + FEW))
    face = FACE
    for _ in range(LEVELS):
        half = grey.reshape(len(grey) // 2, 2, -1, 2).mean((1, 3))
        lost = (grey - half.repeat(2, 0).repeat(2, 1))[face]
        deviation = np.sqrt((lost**2).mean()) + TINY
        skew = np.clip((lost**3).mean() / deviation**3, -MOST_SKEW, MOST_SKEW)
        found += [np.log(deviation), np.abs(lost).mean() / deviation, skew]
        grey, face = half, face.reshape(len(half), 2, -1, 2).all((1, 3))
    found += [np.log(grey[face].std() + SMALL), values.mean() / 64, np.log(values.std() + SMALL)]
    return np.float32(found)


def scaled(found, mean, scale):
    """In standard deviations of natural photos, and the squares of that."""
    far = np.clip((found - mean) / scale, -FURTHEST, FURTHEST)
    return np.concatenate([far, far**2], -1)


def judge(crop):
    """The log odds of each classifier of the product, at whose limit they are 0."""
    found = features(crop)
    mean, scale, rows = np.split(np.fromfile(WEIGHTS, "<f4"), [len(found), 2 * len(found)])
    rows = rows.reshape(len(NAMES), -1)
    return dict(zip(NAMES, (rows[:, 0] + rows[:, 1:] @ scaled(found, mean, scale)).tolist()))
