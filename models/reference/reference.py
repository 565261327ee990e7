"""Writes the golden vectors: what an independent implementation makes of the test photos.

See README.md for how to run it.
"""

import argparse
import json
import pathlib
import tomllib

import models
import pad
import picture as pic

# Photos of one person also get everything about that person.
SINGLE = "obama.jpg", "obama2.jpg", "obama3.jpg", "biden.jpg", "astronaut.png", "32bit.png"
GROUPS = "group-four.jpg", "group-three.jpg"
NOBODY = (
    "chelsea-cat.png",
    "coffee.png",
    "rocket.jpg",
    "hubble.jpg",
    "brick.png",
    "motorcycle.png",
    "page.png",
)


def digits(value):
    """A number, or nested lists of them, at six significant digits."""
    if hasattr(value, "__len__"):
        return [digits(one) for one in value]
    return float(f"{value:.6g}")


class Reference:
    """Every model of one manifest."""

    def __init__(self, manifest, weights, packages):
        self.detector = models.Detector(manifest["detection"], weights)
        self.landmarker = models.Landmarker(manifest["landmarks"], weights)
        self.matcher = models.Matcher(manifest["embedding"], weights)
        self.pad = [pad.PadModel(spec, weights, packages) for spec in manifest["pad"]["models"]]

    def golden(self, picture, single):
        """What the product must find in `picture`."""
        faces = []
        for box, score, coarse in self.detector.detect(picture):
            landmarks = self.landmarker.locate(picture, box)
            points = models.five(landmarks)
            face = {"box": box, "score": score, "points": points, "detector_points": coarse}
            faces.append({name: digits(value) for name, value in face.items()})
            if single and len(faces) == 1:
                subject = {
                    "landmarks": digits(landmarks),
                    "alignment": digits(models.umeyama(points, self.matcher.template)),
                    "embedding": digits(self.matcher.embed(picture, points)),
                    "pad": {m.spec["id"]: digits(m.bona_fide(picture, box)) for m in self.pad},
                }
        size = picture.shape[1], picture.shape[0]
        return {"size": size, "faces": faces} | ({"subject": subject} if single else {})


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", type=pathlib.Path, help="folder of the test photos")
    parser.add_argument("weights", type=pathlib.Path, help="folder of the prepared weights")
    parser.add_argument("antispoof", type=pathlib.Path, help="folder of antispoof.json and .bin")
    parser.add_argument("output", type=pathlib.Path, help="folder for the golden vectors")
    root = pathlib.Path(__file__).resolve().parent.parent
    parser.add_argument("--manifest", type=pathlib.Path, default=root / "manifest.toml")
    options = parser.parse_args()
    manifest = tomllib.loads(options.manifest.read_text())
    reference = Reference(manifest, options.weights, options.antispoof)
    for name in SINGLE + GROUPS + NOBODY:
        golden = reference.golden(pic.read(options.photos / name), name in SINGLE)
        target = options.output / f"{name.replace('.', '-')}.json"
        target.write_text(json.dumps(golden, indent=1) + "\n")
        print(f"{name}: {len(golden['faces'])} faces")


if __name__ == "__main__":
    main()
