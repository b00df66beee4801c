# Makes the .pgm files beside this file: Pillow's own BILINEAR resize of a formula image, as FacePreprocessorTests draws it.
# Pillow 9.4, /usr/bin/python3 make.py
from pathlib import Path

from PIL import Image

for width, height in [(200, 150), (31, 77), (5, 1000)]:
    image = Image.new("L", (width, height))
    image.putdata([(x * x * 7 + y * 13 + x * y) % 256 for y in range(height) for x in range(width)])
    image.resize((48, 48), Image.BILINEAR).save(Path(__file__).parent / f"{width}x{height}.pgm")
