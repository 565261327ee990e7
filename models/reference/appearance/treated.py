"""Pictures turned, treated or made poorer, RGB, by name."""

import numpy as np
import cv2


def g(p):
    return cv2.cvtColor(p, cv2.COLOR_RGB2GRAY)


def c(x):
    return cv2.cvtColor(np.clip(x, 0, 255).astype(np.uint8), cv2.COLOR_GRAY2RGB)


def post(n):
    return lambda p: (np.floor(p.astype(float) / 256 * n) * 255 / (n - 1)).astype(np.uint8)


def tint(r, gg, b):
    return lambda p: np.clip(p.astype(float) * [r, gg, b], 0, 255).astype(np.uint8)


def mix(col, a):
    return lambda p: np.clip(p * (1 - a) + np.array(col) * a, 0, 255).astype(np.uint8)


def emboss(p):
    k = np.float32([[-2, -1, 0], [-1, 1, 1], [0, 1, 2]])
    return np.clip(cv2.filter2D(p, cv2.CV_32F, k), 0, 255).astype(np.uint8)


def emboss_grey(p):
    k = np.float32([[-1, -1, 0], [-1, 0, 1], [0, 1, 1]])
    return c(cv2.filter2D(g(p), cv2.CV_32F, k) + 128)


def sketch(p):
    x = g(p).astype(float)
    bl = cv2.GaussianBlur(255 - x, (0, 0), 5)
    return c(x * 255 / (256 - bl))


def lines(p):
    x = cv2.adaptiveThreshold(
        cv2.medianBlur(g(p), 5), 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY, 9, 4
    )
    return c(x)


def canny(p):
    return c(255 - cv2.Canny(g(p), 60, 140))


def cartoon(p):
    q = p
    for _ in range(4):
        q = cv2.bilateralFilter(q, 9, 40, 9)
    q = post(6)(q)
    e = cv2.adaptiveThreshold(
        cv2.medianBlur(g(p), 5), 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY, 9, 3
    )
    return cv2.bitwise_and(q, c(e))


def statue(p):
    x = g(p)
    x = cv2.bilateralFilter(x, 9, 50, 9).astype(float)
    x = cv2.GaussianBlur(x, (0, 0), 1.2)
    # marble: flat albedo: divide by wide blur, light grey, mild shading, stone noise
    y = x / (cv2.GaussianBlur(x, (0, 0), 15) + 1)
    r = np.random.RandomState(1).randn(*x.shape)
    n = cv2.GaussianBlur(r, (0, 0), 2) * 8 + cv2.GaussianBlur(r, (0, 0), 0.7) * 6
    return c(190 + (y - 1) * 110 + n)


def bronze(p):
    x = g(p).astype(float)
    x = cv2.GaussianBlur(x, (0, 0), 1.5)
    y = np.clip((x - x.mean()) * 1.6 + 80, 0, 255)
    return np.clip(np.dstack([y * 1.05, y * 0.85, y * 0.5]), 0, 255).astype(np.uint8)


def hue(d):
    def f(p):
        h = cv2.cvtColor(p, cv2.COLOR_RGB2HSV)
        h[..., 0] = (h[..., 0].astype(int) + d // 2) % 180
        return cv2.cvtColor(h, cv2.COLOR_HSV2RGB)

    return f


def solar(p):
    return np.where(p > 128, 255 - p, p).astype(np.uint8)


def jet(p):
    return cv2.cvtColor(cv2.applyColorMap(g(p), cv2.COLORMAP_JET), cv2.COLOR_BGR2RGB)


def lneg(p):
    l = cv2.cvtColor(p, cv2.COLOR_RGB2LAB)
    l[..., 0] = 255 - l[..., 0]
    return cv2.cvtColor(l, cv2.COLOR_LAB2RGB)


def halftone(p):
    x = g(p).astype(float)
    yy, xx = np.mgrid[: x.shape[0], : x.shape[1]]
    t = 127 + 60 * (np.sin(xx * 1.6) + np.sin(yy * 1.6))
    return c(np.where(x > t, 255, 0))


def rot(a):
    def f(p):
        h, w = p.shape[:2]
        m = cv2.getRotationMatrix2D((w / 2, h / 2), a, 1)
        return cv2.warpAffine(p, m, (w, h), borderMode=cv2.BORDER_REFLECT)

    return f


def sharpen(a):
    return lambda p: np.clip(
        p + a * (p.astype(float) - cv2.GaussianBlur(p.astype(float), (0, 0), 1.5)), 0, 255
    ).astype(np.uint8)


def stretch(sx, sy):
    return lambda p: cv2.resize(p, None, fx=sx, fy=sy)


def noise(s):
    return lambda p: np.clip(p + np.random.RandomState(0).randn(*p.shape) * s, 0, 255).astype(
        np.uint8
    )


def gain(k):
    return lambda p: np.clip(p * float(k), 0, 255).astype(np.uint8)


def blur(s):
    return lambda p: cv2.GaussianBlur(p, (0, 0), s)


def jpeg(q):
    return lambda p: cv2.imdecode(cv2.imencode(".jpg", p, [cv2.IMWRITE_JPEG_QUALITY, q])[1], 1)


def small(k, interp=cv2.INTER_LINEAR):
    def f(p):
        h, w = p.shape[:2]
        return cv2.resize(
            cv2.resize(p, (round(w * k), round(h * k)), interpolation=cv2.INTER_AREA),
            (w, h),
            interpolation=interp,
        )

    return f


T = dict(
    upright=lambda p: p,
    mirror=lambda p: np.ascontiguousarray(p[:, ::-1]),
    grey=lambda p: c(g(p)),
    rot180=lambda p: np.ascontiguousarray(p[::-1, ::-1]),
    rot90=lambda p: np.ascontiguousarray(np.rot90(p)),
    rot270=lambda p: np.ascontiguousarray(np.rot90(p, 3)),
    rot135=rot(135),
    rot45=rot(45),
    rot30=rot(30),
    rot60=rot(60),
    flipv=lambda p: np.ascontiguousarray(p[::-1]),
    negative=lambda p: 255 - p,
    lneg=lneg,
    greyneg=lambda p: c(255 - g(p)),
    negrot=lambda p: 255 - np.ascontiguousarray(p[::-1, ::-1]),
    emboss=emboss,
    emboss_grey=emboss_grey,
    post2=post(2),
    post3=post(3),
    post4=post(4),
    post6=post(6),
    binary=lambda p: c(np.where(g(p) > np.median(g(p)), 255, 0)),
    red=tint(1, 0.15, 0.15),
    green=tint(0.15, 1, 0.15),
    blue=tint(0.15, 0.15, 1),
    mixred=mix((255, 0, 0), 0.5),
    mixgreen=mix((0, 255, 0), 0.5),
    mixblue=mix((0, 0, 255), 0.5),
    onlyred=tint(1, 0, 0),
    onlyblue=tint(0, 0, 1),
    sepia=tint(1.07, 0.74, 0.43),
    hue120=hue(120),
    hue180=hue(180),
    hue240=hue(240),
    bgr=lambda p: np.ascontiguousarray(p[..., ::-1]),
    jet=jet,
    sketch=sketch,
    lines=lines,
    canny=canny,
    cartoon=cartoon,
    statue=statue,
    bronze=bronze,
    solar=solar,
    halftone=halftone,
    stretch2=stretch(2, 1),
    stretchv=stretch(1, 2),
    sharpen3=sharpen(3),
    sharpen8=sharpen(8),
    noise20=noise(20),
    noise50=noise(50),
)
POOR = dict(
    dark4=gain(0.25),
    dark10=gain(0.1),
    bright2=gain(2),
    bright3=gain(3),
    blur2=blur(2),
    blur3=blur(3),
    blur4=blur(4),
    small25=small(0.25),
    small35=small(0.35),
    block25=small(0.25, cv2.INTER_NEAREST),
    block35=small(0.35, cv2.INTER_NEAREST),
    block50=small(0.5, cv2.INTER_NEAREST),
    jpeg10=jpeg(10),
    jpeg5=jpeg(5),
    jpeg20=jpeg(20),
    block25n=lambda p: noise(20)(small(0.25)(p)),
    small25sharp=lambda p: sharpen(5)(small(0.25)(p)),
    blur3noise=lambda p: noise(15)(blur(3)(p)),
    blur3sharp=lambda p: sharpen(8)(blur(3)(p)),
)
DETAIL = dict(
    jpeg30=jpeg(30),
    noise8=noise(8),
    small50=small(0.5),
    sharpen1=sharpen(1),
    smallnoise=lambda p: noise(20)(small(0.2)(p)),
    smallsharp=lambda p: sharpen(6)(small(0.2)(p)),
    blur4noise=lambda p: noise(12)(blur(4)(p)),
)
KINDS = {**T, **POOR, **DETAIL}
