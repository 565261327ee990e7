"""Pictures and the parts of them that the models see.

A picture is an upright RGB array, height x width x 3, 8 bits a channel; a box is
(x, y, width, height) in its pixels; a region is (left, top, right, bottom), whole
pixels, the ends excluded.
"""

import cv2
import numpy as np
from PIL import Image, ImageOps


def read(path):
    """Decodes a file, turns it upright by its EXIF tag and drops transparency."""
    with Image.open(path) as image:
        return np.asarray(ImageOps.exif_transpose(image).convert("RGB"))


def whole(value):
    """Rounds to whole pixels, halves away from zero."""
    return int(np.copysign(np.floor(abs(value) + 0.5), value))


def square(box, side):
    """The square of `side` about the centre of `box`; may reach outside."""
    x, y, width, height = box
    left, top = whole(x + width / 2 - side / 2), whole(y + height / 2 - side / 2)
    side = max(whole(side), 1)
    return left, top, left + side, top + side


def clipped_square(box, shape):
    """`box` squared on its height about its centre, cut off at the picture's edges."""
    x, y, width, height = box
    left, right = x + width / 2 - height / 2, x + width / 2 + height / 2
    left, right = np.clip([left, right], 0, shape[1])
    top, bottom = np.clip([y, y + height], 0, shape[0])
    return left, top, right - left, bottom - top


def shifted(box, scale, shape):
    """`box` scaled about its centre as far as the picture allows, then shifted inside.

    The rule of Silent-Face-Anti-Spoofing: corners truncated, the last pixel included.
    """
    x, y, width, height = box
    last_x, last_y = shape[1] - 1, shape[0] - 1
    scale = min(scale, last_y / max(height, 1), last_x / max(width, 1))
    new_width, new_height = width * scale, height * scale
    left, top = x + width / 2 - new_width / 2, y + height / 2 - new_height / 2
    right, bottom = left + new_width, top + new_height
    if left < 0:
        left, right = 0, right - left
    if top < 0:
        top, bottom = 0, bottom - top
    if right > last_x:
        left, right = left - (right - last_x), last_x
    if bottom > last_y:
        top, bottom = top - (bottom - last_y), last_y
    left, top = max(int(left), 0), max(int(top), 0)
    return left, top, min(int(right), last_x) + 1, min(int(bottom), last_y) + 1


def region(box, crop, shape):
    """The region that a manifest's `crop` rule cuts around `box`."""
    kind, scale = crop["kind"], crop["scale"]
    if kind == "square-on-height":
        return square(box, box[3] * scale)
    if kind == "square-on-longest":
        return square(box, max(box[2], box[3]) * scale)
    if kind == "shifted-square-on-height":
        return shifted(clipped_square(box, shape), scale, shape)
    if kind == "shifted-box":
        return shifted(box, scale, shape)
    raise ValueError(f"unknown crop rule {kind}")


def cut(picture, area):
    """The pixels of a region, black where it reaches outside."""
    left, top, right, bottom = area
    pixels = np.zeros((bottom - top, right - left) + picture.shape[2:], np.uint8)
    height, width = picture.shape[:2]
    x0, x1 = np.clip([left, right], 0, width)
    y0, y1 = np.clip([top, bottom], 0, height)
    pixels[y0 - top : y1 - top, x0 - left : x1 - left] = picture[y0:y1, x0:x1]
    return pixels


def resize(pixels, width, height, filter):
    """Resamples to width x height; "area" averages only when it shrinks."""
    shrinks = width < pixels.shape[1] or height < pixels.shape[0]
    area = filter == "area" and shrinks
    return cv2.resize(
        pixels, (width, height), interpolation=cv2.INTER_AREA if area else cv2.INTER_LINEAR
    )


def tensor(pixels, entry):
    """An RGB or grey crop as the input a manifest entry describes, batch of one."""
    if entry["channels"] == "bgr":
        pixels = pixels[:, :, ::-1]
    if pixels.ndim == 2:
        pixels = pixels[:, :, None]
    values = (pixels.astype(np.float32) - np.float32(entry["mean"])) * np.float32(entry["scale"])
    if entry["layout"] == "nchw":
        values = values.transpose(2, 0, 1)
    return np.ascontiguousarray(values[None])


def input_size(entry):
    """(width, height) of a fixed-size input."""
    shape = entry["shape"]
    return (shape[3], shape[2]) if entry["layout"] == "nchw" else (shape[2], shape[1])
