# with PIL
"""Images drawn, filtered, saved in six formats and read back; in threads."""

import hashlib
import io
from concurrent.futures import ThreadPoolExecutor

from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter, ImageOps, ImageSequence, UnidentifiedImageError


def paint(k):
    image = Image.new("RGB", (80, 60), (k * 20, 10, 200))
    draw = ImageDraw.Draw(image)
    draw.ellipse((5, 5, 40 + k, 50), fill="yellow", outline="red")
    draw.line([(0, 0), (79, 59)], fill=(0, 255, 0), width=3)
    return image.filter(ImageFilter.GaussianBlur(k / 3))


def digest(k):
    image = paint(k)
    out = []
    for form in "PNG", "BMP", "TIFF", "GIF", "JPEG", "PPM":
        file = io.BytesIO()
        image.save(file, form)
        with Image.open(io.BytesIO(file.getvalue())) as read:
            out.append((read.format, read.mode, hashlib.md5(read.convert("RGB").tobytes()).hexdigest()[:8]))
    return out


with ThreadPoolExecutor(4) as pool:
    for result in pool.map(digest, range(6)):
        print(result)
image = paint(2)
print(image.resize((8, 6)).getpixel((3, 3)), image.rotate(45, expand=True).size, image.convert("L").getextrema(),
      ImageOps.mirror(image).getpixel((0, 59)), ImageEnhance.Contrast(image).enhance(2).getpixel((1, 1)))
print(ImageChops.difference(image, paint(3)).getbbox(), image.point(lambda v: 255 - v).getpixel((9, 9)),
      [band.getextrema() for band in image.split()], image.crop((1, 2, 5, 9)).histogram()[:3])
frames = [paint(k) for k in range(3)]
file = io.BytesIO()
frames[0].save(file, "GIF", save_all=True, append_images=frames[1:], duration=100)
print(sum(1 for _ in ImageSequence.Iterator(Image.open(io.BytesIO(file.getvalue())))))
for wrong in (lambda: Image.open(io.BytesIO(b"nothing")), lambda: Image.new("XYZ", (1, 1)), lambda: image.getpixel((99, 0)),
              lambda: Image.open(io.BytesIO(file.getvalue()[:200])).load()):
    try:
        wrong()
    except (UnidentifiedImageError, ValueError, IndexError, OSError) as error:
        print(type(error).__name__, str(error)[:25])
