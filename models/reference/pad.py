"""Presentation attack detection: each model by itself and all of them joined."""

import json

import numpy as np

import models
import picture as pic

# Probabilities are kept this far from 0 and 1 before they are joined, unless the manifest says.
MARGIN = 1e-4


class PadModel:
    """One model of the manifest's `[[pad.models]]`."""

    def __init__(self, spec, weights, packages):
        self.spec = spec
        source = spec.get("source", {})
        if source.get("prepare") == "tfjs-antispoof":
            self.run = Antispoof(packages)
        else:
            session = models.session(weights / spec["file"])
            self.run = lambda values: session.run(None, {spec["input"]["name"]: values})[0]

    def bona_fide(self, picture, box):
        """The probability that the face in `box` is bona fide."""
        crop, entry = self.spec["crop"], self.spec["input"]
        pixels = pic.cut(picture, pic.region(box, crop, picture.shape))
        pixels = pic.resize(pixels, *pic.input_size(entry), crop["filter"])
        values = self.run(pic.tensor(pixels, entry))[0].astype(np.float64)
        activation = self.spec["activation"]
        if activation["kind"] == "attack-probability":
            return float(1 - values[0])
        exponents = np.exp(values - values.max())
        return float(exponents[activation["bona_fide_index"]] / exponents.sum())


class Antispoof:
    """The published TensorFlow.js graph of human-models, evaluated layer by layer.

    It does not use the prepared ONNX file, so that it checks the conversion as well.
    """

    def __init__(self, folder):
        graph = json.loads((folder / "antispoof.json").read_text())
        data = (folder / "antispoof.bin").read_bytes()
        arrays, at = {}, 0
        for group in graph["weightsManifest"]:
            for weight in group["weights"]:
                kind = weight.get("quantization", weight)["dtype"]
                count = int(np.prod(weight["shape"]))
                array = np.frombuffer(data, kind, count, at)
                at += array.nbytes
                arrays[weight["name"]] = array.astype(np.float32).reshape(weight["shape"])
        names = "unknown", *(f"unknown_{i}" for i in range(9))
        parameters = [arrays[name] for name in names]
        self.layers = list(zip(parameters[::2], parameters[1::2]))

    def __call__(self, values):
        for kernel, bias in self.layers[:3]:
            windows = np.lib.stride_tricks.sliding_window_view(values, (3, 3), axis=(1, 2))
            # batch, row, column, channel, kernel row, kernel column
            values = np.einsum("brcikl,klio->brco", windows, kernel, optimize=True) + bias
            rows, columns = values.shape[1] // 2, values.shape[2] // 2
            values = values[:, : rows * 2, : columns * 2]
            values = values.reshape(len(values), rows, 2, columns, 2, -1).max((2, 4))
            values = np.maximum(values, 0)
        values = values.reshape(len(values), -1)
        (kernel, bias), (last_kernel, last_bias) = self.layers[3:]
        values = np.maximum(values @ kernel + bias, 0)
        return 1 / (1 + np.exp(-(values @ last_kernel + last_bias)))


def logit(probability, margin=MARGIN):
    """Log odds, bounded."""
    p = np.clip(probability, margin, 1 - margin)
    return np.log(p / (1 - p))


def joined(probabilities, specs, bias):
    """The joint probability of rows of opinions."""
    logits = [
        model["weight"] * logit(probabilities[:, index], model.get("margin", MARGIN))
        for index, model in enumerate(specs)
    ]
    return 1 / (1 + np.exp(-(bias + sum(logits))))
