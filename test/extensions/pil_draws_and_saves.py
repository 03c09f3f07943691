try:
    from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageStat
except ModuleNotFoundError as e:
    raise SystemExit(f"skipped: {e}")
import hashlib
import io

im = Image.new("RGB", (64, 48), (10, 20, 30))
draw = ImageDraw.Draw(im)
draw.rectangle((5, 5, 30, 30), fill="red", outline="white")
draw.ellipse((20, 10, 60, 40), fill=(0, 255, 0))
draw.line((0, 0, 63, 47), fill=0xFF00FF, width=3)
print(im.size, im.getpixel((6, 6)), hashlib.md5(im.tobytes()).hexdigest())
for format in ("PNG", "BMP", "GIF", "PPM", "TIFF"):
    f = io.BytesIO()
    im.save(f, format)
    f.seek(0)
    back = Image.open(f)
    print(format, back.size, back.mode, back.format, ImageStat.Stat(back.convert("L")).mean[0] > 0)
f = io.BytesIO()
im.save(f, "JPEG", quality=90)
print(Image.open(f).size, im.convert("L").histogram()[0:3], im.split()[1].getextrema())
small = im.resize((16, 12), Image.LANCZOS)
print(hashlib.md5(small.tobytes()).hexdigest(), im.rotate(90, expand=True).size, im.crop((1, 2, 9, 9)).size)
print(hashlib.md5(im.filter(ImageFilter.GaussianBlur(2)).tobytes()).hexdigest(), im.transpose(Image.FLIP_LEFT_RIGHT).getpixel((0, 0)))
print(ImageChops.difference(im, im).getbbox(), im.point(lambda v: 255 - v).getpixel((0, 0)), im.getcolors(5))
mask = Image.new("1", (64, 48))
mask.paste(1, (0, 0, 32, 48))
print(Image.composite(im, small.resize(im.size), mask).getpixel((1, 40)), Image.frombytes("L", (2, 2), b"abcd").getdata()[3])
print(Image.merge("RGB", im.split()[::-1]).getpixel((6, 6)), im.quantize(8).getpalette()[:6], list(mask.getdata())[:3])
for wrong in (lambda: Image.open(io.BytesIO(b"junk")), lambda: im.getpixel((99, 99)), lambda: Image.new("XX", (1, 1)),
              lambda: im.convert("QQ"), lambda: Image.frombytes("L", (9, 9), b"x")):
    try:
        wrong()
    except Exception as e:
        print(type(e).__name__, str(e).split(" at 0x")[0].split("<_io")[0])
