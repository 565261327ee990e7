"""What the classifiers of the aligned crop see, and what they say: crates/vision/src/appearance.rs,
a second time and vectorised."""

import pathlib

import cv2
import numpy as np

CELL, DIRECTIONS = 8, 8
ANGLES = np.arange(DIRECTIONS) * 2 * np.pi / DIRECTIONS
NAMES = (
    *("turned", "negative", "embossed", "mouth", "dark_mask", "under_nose", "hand_mouth"),
    *("left_eye", "right_eye", "both_eyes", "dark_glasses", "noise"),
)
WEIGHTS = pathlib.Path(__file__).parents[3] / "crates/vision/src/appearance/gradients.bin"


def features(crop):
    """Histograms of oriented gradients of an RGB crop of 112 x 112."""
    grey = np.sqrt(cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY).astype(np.float32))
    padded = np.pad(grey, 1, mode="edge")
    dx = padded[1:-1, 2:] - padded[1:-1, :-2]
    dy = padded[2:, 1:-1] - padded[:-2, 1:-1]
    length = np.sqrt(dx * dx + dy * dy) + 1e-3
    cells = grey.shape[0] // CELL
    energy = np.empty((DIRECTIONS, cells, cells), np.float32)
    for direction, angle in enumerate(ANGLES):
        along = np.maximum(dx * np.cos(angle) + dy * np.sin(angle), 0)
        energy[direction] = (along**2 / length).reshape(cells, CELL, cells, CELL).sum((1, 3))
    total = np.sqrt((energy**2).sum(0))
    around = box_sum(total) / box_sum(np.ones_like(total))
    return (energy / (around + 0.1 * total.mean() + 1e-3)).ravel()


def mirrored(values):
    """The features, or the weights, of the same crop seen in a mirror."""
    cells = int((values.shape[-1] // DIRECTIONS) ** 0.5)
    shaped = values.reshape(*values.shape[:-1], DIRECTIONS, cells, cells)
    directions = [(DIRECTIONS // 2 - d) % DIRECTIONS for d in range(DIRECTIONS)]
    return shaped[..., directions, :, ::-1].reshape(values.shape)


def box_sum(values):
    """Sum over each cell and its neighbours."""
    padded = np.pad(values, 1)
    rows, columns = values.shape
    return sum(padded[i : i + rows, j : j + columns] for i in range(3) for j in range(3))


def judge(crop):
    """The log odds of each classifier of the product, at whose limit they are 0."""
    weights = np.fromfile(WEIGHTS, "<f4").reshape(len(NAMES), -1)
    return dict(zip(NAMES, (weights[:, 0] + weights[:, 1:] @ features(crop)).tolist()))
