"""The models, each from pixels to what it says. Numbers come from the manifest."""

import cv2
import numpy as np
import onnxruntime

import picture as pic

STRIDES = (8, 16, 32)

# The quick look is believed when its largest face is this high, in its own pixels.
QUICK_HEIGHT = 56


def session(path):
    """A session on one thread."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(str(path), options, ["CPUExecutionProvider"])


class Detector:
    """YuNet."""

    def __init__(self, spec, weights):
        self.spec = spec
        self.session = session(weights / spec["file"])

    def detect(self, picture):
        """(box, score, five coarse points) of each face, largest first."""
        spec = self.spec
        quick = spec["quick_long_side"]
        if max(picture.shape[:2]) > quick:
            found = self.look(picture, quick, spec["min_score"])
            shrunk = self.shrink(picture, quick).shape[0] / picture.shape[0]
            if max((box[3] for box, *_ in found), default=0) * shrunk >= QUICK_HEIGHT:
                return sorted(found, key=lambda face: -face[0][2] * face[0][3])
        found = self.look(picture, spec["long_side"], spec["min_score"])
        if not found and max(picture.shape[:2]) > spec["long_side"]:
            found = self.look(picture, spec["retry_long_side"], spec["retry_min_score"])
        return sorted(found, key=lambda face: -face[0][2] * face[0][3])

    def shrink(self, picture, long_side):
        """The picture with its long side at most `long_side`, by halves as far as they go."""
        height, width = picture.shape[:2]
        scale = min(1.0, long_side / max(height, width))
        columns, rows = max(pic.whole(width * scale), 1), max(pic.whole(height * scale), 1)
        while width % 2 == height % 2 == 0 and width // 2 >= columns and height // 2 >= rows:
            width, height = width // 2, height // 2
            picture = pic.resize(picture, width, height, "area")
        if (columns, rows) == (width, height):
            return picture
        return pic.resize(picture, columns, rows, "area")

    def look(self, picture, long_side, min_score):
        """The faces of at least `min_score`, in one pass over the whole picture."""
        small = self.shrink(picture, long_side)
        height, width = small.shape[:2]
        columns, rows = -(-width // 32) * 32, -(-height // 32) * 32
        padded = np.zeros((rows, columns, 3), np.uint8)
        padded[:height, :width] = small
        names = [output["name"] for output in self.spec["outputs"]]
        values = self.session.run(
            names, {self.spec["input"]["name"]: pic.tensor(padded, self.spec["input"])}
        )
        values = dict(zip(names, values))
        boxes, scores, points = [], [], []
        for stride in STRIDES:
            of = lambda kind: values[f"{kind}_{stride}"][0]
            cells = np.stack(
                np.meshgrid(np.arange(columns // stride), np.arange(rows // stride)), -1
            ).reshape(-1, 2)
            score = np.sqrt(np.clip(of("cls"), 0, 1) * np.clip(of("obj"), 0, 1))[:, 0]
            centre = (cells + of("bbox")[:, :2]) * stride
            size = np.exp(of("bbox")[:, 2:]) * stride
            point = (of("kps").reshape(-1, 5, 2) + cells[:, None]) * stride
            keep = score >= min_score
            boxes.append(np.hstack([centre - size / 2, size])[keep])
            scores.append(score[keep])
            points.append(point[keep])
        boxes, scores, points = map(np.concatenate, (boxes, scores, points))
        ratio = np.array([picture.shape[1] / width, picture.shape[0] / height])
        return [
            (tuple(map(float, boxes[i] * np.tile(ratio, 2))), float(scores[i]), points[i] * ratio)
            for i in suppress(boxes, scores, self.spec["nms_iou"])
        ]


def suppress(boxes, scores, limit):
    """Greedy non-maximum suppression: indices of the boxes that stay."""
    left, kept = list(np.argsort(-scores, kind="stable")), []
    while left:
        best = left.pop(0)
        kept.append(best)
        left = [i for i in left if overlap(boxes[best], boxes[i]) <= limit]
    return kept


def overlap(a, b):
    """Intersection over union."""
    low, high = np.maximum(a[:2], b[:2]), np.minimum(a[:2] + a[2:], b[:2] + b[2:])
    shared = np.prod(np.maximum(high - low, 0))
    return shared / (np.prod(a[2:]) + np.prod(b[2:]) - shared)


class Landmarker:
    """68 points in iBUG 300-W order."""

    def __init__(self, spec, weights):
        self.spec = spec
        self.session = session(weights / spec["file"])

    def locate(self, picture, box):
        """The 68 points of the face in `box`, in pixels."""
        area = pic.region(box, self.spec["crop"], picture.shape)
        grey = cv2.cvtColor(pic.cut(picture, area), cv2.COLOR_RGB2GRAY)
        entry = self.spec["input"]
        small = pic.resize(grey, *pic.input_size(entry), self.spec["crop"]["filter"])
        (points,) = self.session.run(None, {entry["name"]: pic.tensor(small, entry)})
        left, top, right, bottom = area
        return points.reshape(68, 2) * [right - left, bottom - top] + [left, top]


def five(points):
    """Eyes, nose and mouth corners, image-left first."""
    groups = [37, 38, 40, 41], [43, 44, 46, 47], [30], [48, 60], [54, 64]
    return np.array([points[group].mean(0) for group in groups])


class Matcher:
    """An aligned face to a unit vector: the models' unit vectors, joined."""

    def __init__(self, spec, weights):
        self.spec = spec
        self.sessions = [session(weights / model["file"]) for model in spec["models"]]
        self.template = np.array(spec["template"])

    def align(self, picture, points):
        """The crop in which the five points lie on the template."""
        scale = np.linalg.norm(umeyama(points, self.template)[:, 0])
        # Bilinear sampling at half the scale or less skips pixels: average blocks of
        # whole pixels first, counted from the picture's corner.
        block = int(1 / scale)
        if block > 1:
            rows, columns = picture.shape[0] // block, picture.shape[1] // block
            blocks = picture[: rows * block, : columns * block]
            blocks = blocks.reshape(rows, block, columns, block, 3).mean((1, 3))
            picture = np.floor(blocks + 0.5).astype(np.uint8)
            # Pixel centres lie at halves.
            points = (points + 0.5) / block - 0.5
        size = pic.input_size(self.spec["models"][0]["input"])
        return cv2.warpAffine(picture, umeyama(points, self.template), size, flags=cv2.INTER_LINEAR)

    def embed(self, picture, points):
        """The embedding of the face with these five points."""
        crop = self.align(picture, points)
        parts = []
        for model, run in zip(self.spec["models"], self.sessions):
            crops = [crop, crop[:, ::-1]] if model.get("mirrored") else [crop]
            part = unit(sum(unit(self.run(run, model["input"], crop)) for crop in crops))
            parts.append(part * model.get("weight", 1.0))
        return unit(np.concatenate(parts))

    @staticmethod
    def run(session, entry, crop):
        """What one model makes of a crop."""
        (vector,) = session.run(None, {entry["name"]: pic.tensor(crop, entry)})
        return vector[0]


def unit(vector):
    """The vector at length 1."""
    return vector / np.linalg.norm(vector)


def umeyama(points, target):
    """Least-squares similarity from `points` to `target` as a 2x3 matrix.

    Umeyama, "Least-squares estimation of transformation parameters between two point
    patterns", 1991, equations 39 to 43.
    """
    mean_p, mean_t = points.mean(0), target.mean(0)
    p, t = points - mean_p, target - mean_t
    u, d, vt = np.linalg.svd(t.T @ p / len(p))
    signs = np.array([1.0, np.sign(np.linalg.det(u) * np.linalg.det(vt))])
    rotation = u @ np.diag(signs) @ vt
    scale = (d * signs).sum() / p.var(0).sum()
    return np.hstack([scale * rotation, (mean_t - scale * rotation @ mean_p)[:, None]])
