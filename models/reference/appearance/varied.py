"""Statues and drawings made of photos, and photos as cameras and editors change
them, each different: what a random state makes of an RGB picture."""

import cv2
import numpy as np

import treated


def statue(p, r):
    x = cv2.bilateralFilter(treated.g(p), 9, r.uniform(25, 70), 9).astype(float)
    x = cv2.GaussianBlur(x, (0, 0), r.uniform(0.6, 1.8))
    y = x / (cv2.GaussianBlur(x, (0, 0), r.uniform(10, 30)) + 1)
    stone, much = r.randn(*x.shape), r.uniform(0, 1.3)
    coarse, fine = cv2.GaussianBlur(stone, (0, 0), r.uniform(1.5, 3)), cv2.GaussianBlur(
        stone, (0, 0), 0.7
    )
    return treated.c(
        r.uniform(130, 205) + (y - 1) * r.uniform(80, 150) + much * (8 * coarse + 6 * fine)
    )


def drawing(p, r):
    x = treated.g(p).astype(float)
    y = x * 255 / (256 - cv2.GaussianBlur(255 - x, (0, 0), r.uniform(2.5, 9)))
    return treated.c(255 * (np.clip(y, 0, 255) / 255) ** r.uniform(0.7, 2) * r.uniform(0.75, 1))


def gamma(p, r):
    return (255 * (p / 255) ** np.exp(r.uniform(-0.9, 0.9))).astype(np.uint8)


def local_contrast(p, r):
    lab = cv2.cvtColor(p, cv2.COLOR_RGB2LAB)
    lab[..., 0] = cv2.createCLAHE(r.uniform(1, 4), (8, 8)).apply(lab[..., 0])
    return cv2.cvtColor(lab, cv2.COLOR_LAB2RGB)


def smoothed(p, r):
    for _ in range(r.randint(1, 3)):
        p = cv2.bilateralFilter(p, 7, r.uniform(15, 45), 5)
    return p


UNNATURAL = dict(statue=statue, drawing=drawing)
NATURAL = dict(
    gamma=gamma,
    local_contrast=local_contrast,
    smoothed=smoothed,
    equalised=lambda p, r: treated.c(cv2.equalizeHist(treated.g(p))),
    gain=lambda p, r: treated.gain(np.exp(r.uniform(np.log(0.25), np.log(2))))(p),
    noise=lambda p, r: treated.noise(r.uniform(2, 20))(p),
    blur=lambda p, r: treated.blur(r.uniform(0.5, 3))(p),
    jpeg=lambda p, r: treated.jpeg(r.randint(8, 60))(p),
    small=lambda p, r: treated.small(r.uniform(0.35, 0.8))(p),
    sharpen=lambda p, r: treated.sharpen(r.uniform(0.3, 1.5))(p),
    mixed=lambda p, r: treated.mix(r.randint(0, 256, 3), r.uniform(0.1, 0.5))(p),
    tinted=lambda p, r: treated.tint(*r.uniform(0.5, 1.2, 3))(p),
)
