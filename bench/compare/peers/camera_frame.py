"""A portrait as a webcam would take it: in the middle of a frame of 1280x720, with something on both
sides. Reads a picture, writes a JPEG of quality 90.
"""

import sys

from PIL import Image

WIDTH, HEIGHT = 1280, 720


def main():
    portrait = Image.open(sys.argv[1]).convert("RGB")
    face = portrait.resize((portrait.width * HEIGHT // portrait.height, HEIGHT), Image.LANCZOS)
    # Squares of colour on both sides: flat areas would be decoded too fast.
    squares = face.resize((32, 18)).resize((WIDTH, HEIGHT), Image.NEAREST)
    frame = Image.new("RGB", (WIDTH, HEIGHT))
    frame.paste(squares, (0, 0))
    frame.paste(face, ((WIDTH - face.width) // 2, 0))
    frame.save(sys.argv[2], quality=90)


main()
