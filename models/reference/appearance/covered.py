"""Masks, scarves, hands, glasses and beards, drawn over a face by its 68 landmarks (RGB)."""

import numpy as np
import cv2


def fill(p, poly, tex, alpha=1.0, soft=0.7):
    m = np.zeros(p.shape[:2], np.float32)
    cv2.fillPoly(m, [np.round(np.float32(poly) * 16).astype(np.int32)], 1, cv2.LINE_AA, 4)
    m = cv2.GaussianBlur(m, (0, 0), soft)[..., None] * alpha
    return np.clip(p * (1 - m) + tex * m, 0, 255).astype(np.uint8)


def shade(p, lm, col, seed=0, noise=4, pleats=0, light=True):
    h, w = p.shape[:2]
    r = np.random.RandomState(seed)
    iod = np.linalg.norm(lm[36:42].mean(0) - lm[42:48].mean(0))
    L = cv2.GaussianBlur(cv2.cvtColor(p, cv2.COLOR_RGB2GRAY).astype(np.float32), (0, 0), iod * 0.5)
    ref = (
        np.median(
            L[
                max(0, int(lm[27, 1])) : int(lm[8, 1]) + 1,
                max(0, int(lm[2, 0])) : int(lm[14, 0]) + 1,
            ]
        )
        if lm[8, 1] > lm[27, 1] and lm[14, 0] > lm[2, 0]
        else L.mean()
    )
    l = L / max(ref, 1) if light else np.ones_like(L)
    # a mask bulges: bright in the middle, darker to the sides
    cx, cy = lm[33]
    d = ((np.arange(w) - cx) / (iod * 1.3)) ** 2
    l = l * (1.08 - 0.3 * np.clip(d, 0, 1))[None]
    if pleats:
        y = (np.arange(h) - cy) / iod
        l = l * (1 - 0.12 * (np.sin(y * 2 * np.pi * 3.2) > 0.7))[:, None]
    t = np.float32(col)[None, None] * l[..., None]
    t = (
        t
        + cv2.GaussianBlur(r.randn(h, w).astype(np.float32), (0, 0), max(0.5, iod * 0.03))[
            ..., None
        ]
        * noise
        * 2
        + r.randn(h, w, 1) * noise * 0.4
    )
    return t


def lower(lm, top, out=0.0, chin=0.08):
    """polygon from the bridge (share of the way 27->33) along the jaw"""
    a = lm[27] + (lm[33] - lm[27]) * top
    c = lm[33]
    jaw = lm[2:15] + (lm[2:15] - c) * out
    jaw = jaw.copy()
    jaw[4:9] += (lm[8] - lm[33]) * chin
    mid = [
        lm[2] * 0.3 + a * 0.7 + (lm[33] - lm[27]) * 0.25,
        a,
        lm[14] * 0.3 + a * 0.7 + (lm[33] - lm[27]) * 0.25,
    ]
    return np.vstack([jaw, np.array(mid)[::-1]])


def skin(p, lm):
    c = [lm[30] * 0.5 + lm[x] * 0.5 for x in (2, 14)] + [lm[27]]
    return np.median(
        [p[int(np.clip(y, 0, p.shape[0] - 1)), int(np.clip(x, 0, p.shape[1] - 1))] for x, y in c], 0
    )


def ear_loops(p, lm, col):
    q = p.copy()
    for a, b in ((2, 0), (4, 0), (14, 16), (12, 16)):
        cv2.line(q, tuple(int(v) for v in lm[a]), tuple(int(v) for v in lm[b]), col, 1, cv2.LINE_AA)
    return q


def surgical(p, lm, s):
    return ear_loops(
        fill(p, lower(lm, 0.55), shade(p, lm, (135, 185, 215), s, 3, 1)), lm, (210, 220, 225)
    )


def ffp2(p, lm, s):
    q = fill(p, lower(lm, 0.4), shade(p, lm, (225, 225, 222), s, 3))
    a, b = lm[27] + (lm[33] - lm[27]) * 0.45, lm[8]
    cv2.line(q, tuple(int(v) for v in a), tuple(int(v) for v in b), (185, 185, 185), 1, cv2.LINE_AA)
    return ear_loops(q, lm, (235, 235, 235))


def black(p, lm, s):
    return ear_loops(fill(p, lower(lm, 0.5), shade(p, lm, (32, 32, 36), s, 3)), lm, (30, 30, 30))


def pattern(p, lm, s):
    h, w = p.shape[:2]
    iod = np.linalg.norm(lm[36:42].mean(0) - lm[42:48].mean(0))
    r = np.random.RandomState(s)
    col = np.float32(r.randint(40, 220, 3)), np.float32(r.randint(40, 220, 3))
    t = shade(p, lm, (1, 1, 1), s, 0)
    yy, xx = np.mgrid[:h, :w]
    k = iod * 0.22
    chk = (
        ((xx // k + yy // k) % 2)[..., None]
        if s % 2
        else ((np.sin(xx / k * 3) + np.sin(yy / k * 3)) > 0.6)[..., None]
    )
    return fill(p, lower(lm, 0.5), np.where(chk, col[0], col[1]) * t + r.randn(h, w, 1) * 3)


def skinmask(p, lm, s):
    return fill(p, lower(lm, 0.5), shade(p, lm, skin(p, lm), s, 3))


def scarf(p, lm, s):
    h, w = p.shape[:2]
    r = np.random.RandomState(s)
    iod = np.linalg.norm(lm[36:42].mean(0) - lm[42:48].mean(0))
    col = r.randint(30, 190, 3)
    t = shade(p, lm, col, s, 5)
    yy, xx = np.mgrid[:h, :w]
    t = t * (1 + 0.18 * np.sin((xx + 0.3 * yy) / iod * 25) * np.sin(yy / iod * 25))[..., None]
    t = t * (1 + 0.2 * np.sin((yy - 0.4 * (xx - lm[33][0])) / iod * 6))[..., None]
    top = lm[27] + (lm[33] - lm[27]) * 0.65
    d = lm[33] - lm[27]
    poly = [
        lm[2] + (lm[2] - lm[33]) * 0.25,
        top + (lm[2] - lm[14]) * 0.15,
        top,
        top + (lm[14] - lm[2]) * 0.15,
        lm[14] + (lm[14] - lm[33]) * 0.25,
        lm[11] + (lm[11] - lm[33]) * 0.6 + d * 3,
        lm[5] + (lm[5] - lm[33]) * 0.6 + d * 3,
    ]
    return fill(p, poly, t)


def fingers(p, lm, c, direction, n, wd, ln, s):
    """n fingers of skin about c, along direction"""
    q = p
    sk = skin(p, lm) * np.array([1.02, 0.97, 0.95])
    u = direction / np.linalg.norm(direction)
    v = np.array([-u[1], u[0]])
    t = shade(p, lm, sk, s, 2)
    for i in range(n):
        o = c + v * wd * (i - (n - 1) / 2)
        l = ln * (1 - 0.12 * abs(i - (n - 1) / 2))
        a, b = o - u * ln * 0.9, o + u * l * 0.6
        e = [
            a - v * wd * 0.47,
            b - v * wd * 0.47,
            b + u * wd * 0.35 - v * wd * 0.25,
            b + u * wd * 0.45,
            b + u * wd * 0.35 + v * wd * 0.25,
            b + v * wd * 0.47,
            a + v * wd * 0.47,
        ]
        q = fill(q, e, t)
        q = fill(
            q,
            [a + v * wd * 0.44, b + v * wd * 0.44, b + v * wd * 0.53, a + v * wd * 0.53],
            t * 0.55,
            0.8,
        )
    return q


def hand_mouth(p, lm, s):
    iod = np.linalg.norm(lm[36:42].mean(0) - lm[42:48].mean(0))
    sd = 1 if s % 2 else -1
    return fingers(
        p,
        lm,
        lm[48:68].mean(0) * 0.8 + lm[33] * 0.2,
        np.array([sd * 1.0, -0.25]) * (1),
        4,
        iod * 0.3,
        iod * 1.1,
        s,
    )


def hand_eye(p, lm, s):
    iod = np.linalg.norm(lm[36:42].mean(0) - lm[42:48].mean(0))
    e = (lm[36:42] if s % 2 else lm[42:48]).mean(0)
    return fingers(p, lm, e, np.array([0.15, -1.0]), 4, iod * 0.28, iod * 0.9, s)


def hand_eyes(p, lm, s):
    iod = np.linalg.norm(lm[36:42].mean(0) - lm[42:48].mean(0))
    e = lm[36:48].mean(0)
    sd = 1 if s % 2 else -1
    return fingers(p, lm, e, np.array([sd, -0.1]), 4, iod * 0.28, iod * 1.5, s)


def ellipse(c, rx, ry, ang):
    return c + np.array(
        [[np.cos(t) * rx, np.sin(t) * ry] for t in np.linspace(0, 2 * np.pi, 24)]
    ) @ np.array([[np.cos(ang), np.sin(ang)], [-np.sin(ang), np.cos(ang)]])


def sunglasses(p, lm, s):
    a, b = lm[36:42].mean(0), lm[42:48].mean(0)
    iod = np.linalg.norm(b - a)
    ang = np.arctan2(*(b - a)[::-1])
    q = p
    h, w = p.shape[:2]
    yy = np.arange(h)[:, None, None]
    for e in (a, b):
        q = fill(
            q,
            ellipse(e + [0, iod * 0.04], iod * 0.40, iod * 0.30, ang),
            np.float32([22, 20, 20]) + np.clip((a[1] - yy) / iod * 30, 0, 25) + np.zeros((h, w, 3)),
            0.96,
        )
    for x, y in (
        (a + (b - a) * 0.36, a + (b - a) * 0.64),
        (a - (b - a) * 0.3, lm[0]),
        (b + (b - a) * 0.3, lm[16]),
    ):
        cv2.line(
            q,
            tuple(int(v) for v in x),
            tuple(int(v) for v in y),
            (20, 20, 20),
            max(1, int(iod * 0.06)),
            cv2.LINE_AA,
        )
    return q


def under_nose(p, lm, s):
    return ear_loops(
        fill(p, lower(lm, 1.12), shade(p, lm, (150, 190, 215), s, 3, 1)), lm, (210, 220, 225)
    )


def niqab(p, lm, s):
    h, w = p.shape[:2]
    t = shade(p, lm, (28, 28, 32), s, 3)
    q = fill(p, lower(lm, 0.35, 0.3, 0.5), t)
    return q


def hijab(p, lm, s):  # a veil that leaves the face free
    h, w = p.shape[:2]
    r = np.random.RandomState(s)
    col = r.randint(30, 200, 3)
    t = shade(p, lm, col, s, 4)
    iod = np.linalg.norm(lm[36:42].mean(0) - lm[42:48].mean(0))
    c = (lm[27] + lm[33]) / 2
    up = lm[27] - lm[8]
    inner = np.vstack(
        [
            lm[0:17] + (lm[0:17] - lm[30]) * 0.03,
            [
                lm[26] + up * 0.42 + [iod * 0.05, 0],
                lm[27] + up * 0.62,
                lm[17] + up * 0.42 - [iod * 0.05, 0],
            ],
        ]
    )
    m = np.ones((h, w), np.float32)
    cv2.fillPoly(m, [np.round(inner * 16).astype(np.int32)], 0, cv2.LINE_AA, 4)
    outer = np.zeros((h, w), np.float32)
    o = np.vstack([ellipse(c, iod * 1.75, iod * 2.1, 0)])
    cv2.fillPoly(outer, [np.round(o * 16).astype(np.int32)], 1, cv2.LINE_AA, 4)
    outer[int(min(h - 1, lm[8][1])) :] = np.maximum(
        outer[int(min(h - 1, lm[8][1])) :], (np.abs(np.arange(w) - c[0]) < iod * 2)[None]
    )
    m = cv2.GaussianBlur(m * outer, (0, 0), 0.7)[..., None]
    return np.clip(p * (1 - m) + t * m, 0, 255).astype(np.uint8)


def glasses(p, lm, s):
    a, b = lm[36:42].mean(0), lm[42:48].mean(0)
    iod = np.linalg.norm(b - a)
    ang = np.degrees(np.arctan2(*(b - a)[::-1]))
    q = p.copy()
    for e in (a, b):
        cv2.ellipse(
            q,
            (tuple(float(v) for v in e + [0, iod * 0.05]), (iod * 0.78, iod * 0.52), ang),
            (30, 25, 25),
            max(1, int(iod * 0.05)),
            cv2.LINE_AA,
        )
    for x, y in (
        (a + (b - a) * 0.39, a + (b - a) * 0.61),
        (a - (b - a) * 0.36, lm[0]),
        (b + (b - a) * 0.36, lm[16]),
    ):
        cv2.line(
            q,
            tuple(int(v) for v in x),
            tuple(int(v) for v in y),
            (30, 25, 25),
            max(1, int(iod * 0.05)),
            cv2.LINE_AA,
        )
    return q


def beard(p, lm, s):
    h, w = p.shape[:2]
    r = np.random.RandomState(s)
    iod = np.linalg.norm(lm[36:42].mean(0) - lm[42:48].mean(0))
    col = [(35, 28, 24), (70, 50, 35), (120, 110, 105)][s % 3]
    t = shade(p, lm, col, s, 10)
    n = r.randn(h, w).astype(np.float32)
    t = t + cv2.GaussianBlur(n, (0, 0), 0.8)[..., None] * 30
    poly = np.vstack(
        [
            lm[3:14],
            [
                lm[35] * 0.5 + lm[13] * 0.5,
                lm[54] + (lm[54] - lm[66]) * 0.3 - [0, iod * 0.1],
                lm[33] * 0.5 + lm[51] * 0.5,
                lm[48] + (lm[48] - lm[66]) * 0.3 - [0, iod * 0.1],
                lm[31] * 0.5 + lm[3] * 0.5,
            ],
        ]
    )
    poly[3:8] += (lm[8] - lm[57]) * 0.25
    m = np.zeros((h, w), np.float32)
    cv2.fillPoly(m, [np.round(poly * 16).astype(np.int32)], 1, cv2.LINE_AA, 4)
    lip = np.zeros((h, w), np.float32)
    cv2.fillPoly(
        lip,
        [np.round((lm[48:60] + (lm[48:60] - lm[66]) * 0.12) * 16).astype(np.int32)],
        1,
        cv2.LINE_AA,
        4,
    )
    m = cv2.GaussianBlur(m * (1 - lip), (0, 0), iod * 0.03)[..., None] * 0.88
    return np.clip(p * (1 - m) + t * m, 0, 255).astype(np.uint8)


def elsewhere(lm, seed):
    """The landmarks a little shifted, turned and scaled: no two masks sit alike."""
    r = np.random.RandomState(seed)
    iod = np.linalg.norm(lm[36:42].mean(0) - lm[42:48].mean(0))
    angle, scale = np.radians(r.randn() * 3), np.exp(r.randn() * 0.04)
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    centre = lm.mean(0)
    return (lm - centre) @ turn.T + centre + r.randn(2) * 0.03 * iod + r.randn(68, 2) * 0.01 * iod


COVER = dict(
    surgical=surgical,
    ffp2=ffp2,
    black=black,
    pattern=pattern,
    skinmask=skinmask,
    scarf=scarf,
    hand_mouth=hand_mouth,
    hand_eye=hand_eye,
    hand_eyes=hand_eyes,
    sunglasses=sunglasses,
    under_nose=under_nose,
    niqab=niqab,
)
WELCOME = dict(hijab=hijab, glasses=glasses, beard=beard)
KINDS = {**COVER, **WELCOME}
