"""Records what WhiteNoise compresses, for test/compress.test.ts.

    npm ci
    pip install whitenoise brotli
    python test/record/whitenoise-compress.py [FOLDER]

FOLDER (by default test/fixtures/compress) gets `files/`, made-up contents, and `whitenoise.json`: which siblings
`Compressor.compress()` wrote for each of them and for some of jQuery UI in `node_modules/`, the size of each encoding
kept or not, and which names `Compressor.should_compress()` skips. It gives the same output every time.
"""

import hashlib
import json
import shutil
import sys
import tempfile
import zlib
from base64 import b64encode
from importlib.metadata import version
from pathlib import Path

import brotli
from whitenoise.compress import Compressor

MODULES = Path(__file__).parent.parent.parent / "node_modules"

REAL = [
    "jquery-ui/AUTHORS.txt",
    "jquery-ui/LICENSE.txt",
    "jquery-ui/package.json",
    "jquery-ui/dist/jquery-ui.min.js",
    "jquery-ui/themes/base/base.css",
    "jquery-ui/themes/base/theme.css",
    "jquery-ui/themes/base/images/ui-icons_444444_256x240.png",
    "jquery-ui/ui/keycode.js",
    "jquery-ui/ui/version.js",
    "jquery-ui/ui/widget.js",
    "jquery-ui/ui/i18n/datepicker-de.js",
    "jquery-ui/ui/i18n/datepicker-ja.js",
]

NAMES = [
    *(f"a.{extension}" for extension in Compressor.SKIP_COMPRESS_EXTENSIONS),
    "A.PNG",
    "a.Woff2",
    "a.min.js",
    "a.png.txt",
    "a.tar.gz",
    "a.5eb63bbbe01e.jpg",
    "a.5eb63bbbe01e.css",
    "folder.png/a",
    "folder.png/a.css",
    "folder/.gz",
    ".gz",
    "gz",
    "png",
    "apng",
    "a.apng",
    "a.avif",
    "a.ico",
    "a.svg",
    "a.svgz",
    "a.ttf",
    "a.eot",
    "a.otf",
    "a.wasm",
    "a.pdf",
    "a.mp3",
    "a.map",
    "a.",
    "LICENSE",
    "a.js",
]

CUSTOM_SKIP = ["min.js", "CSS"]


def noise(size):
    """Bytes without a pattern, the same every time."""
    blocks = (hashlib.sha256(b"%d" % index).digest() for index in range(size // 32 + 1))
    return b"".join(blocks)[:size]


def sized(total, compress, wanted):
    """Noise and zeros, `total` bytes that `compress` makes `wanted` bytes of."""
    for amount in range(wanted, 0, -1):
        content = noise(amount) + bytes(total - amount)
        if len(compress(content)) == wanted:
            return content
    raise SystemExit(f"no content of {total} bytes is compressed to {wanted}")


def made_up():
    return {
        "empty.css": b"",
        "one-byte.txt": b"a",
        "tiny.css": b"a{}",
        "short.html": b'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">\n',
        "short.json": b'{"name": "polls", "version": 1}\n',
        "repeated.txt": b"ab" * 20_000,
        "noise.bin": noise(5_000),
        "noise-base64.txt": b64encode(noise(5_000)),
        "crlf.js": b"import './a.js'\r\nexport const a = 1\r\n" * 20,
        "utf-8.txt": "Grüße aus Köln, 日本語 und \U0001f600.\n".encode() * 9,
        "brotli-95-percent.bin": sized(4_000, brotli.compress, 3_800),
        "brotli-above-95-percent.bin": sized(4_000, brotli.compress, 3_801),
        "gzip-93-percent.bin": noise(3_690) + bytes(310),
        "brotli-alone-below-95-percent.bin": sized(400, brotli.compress, 370),
        "gzip-alone-below-95-percent.bin": noise(64) + noise(32),
    }


def record(compressor, content):
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "file")
        file.write_bytes(content)
        written = compressor.compress(str(file))
    return {
        "size": len(content),
        "written": sorted(Path(sibling).suffix for sibling in written),
        "sizes": {
            ".br": len(compressor.compress_brotli(content)),
            ".gz": len(compressor.compress_gzip(content)),
        },
    }


def main(folder):
    contents = made_up()
    shutil.rmtree(folder, ignore_errors=True)
    for name, content in contents.items():
        file = folder / "files" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    contents |= {name: (MODULES / name).read_bytes() for name in REAL}
    compressor = Compressor(quiet=True)
    custom = Compressor(quiet=True, extensions=CUSTOM_SKIP)
    recorded = {
        "versions": {
            "jquery-ui": json.loads((MODULES / "jquery-ui/package.json").read_bytes())["version"],
            "whitenoise": version("whitenoise"),
            "brotli": version("brotli"),
            "zlib": zlib.ZLIB_RUNTIME_VERSION,
        },
        "skip": list(Compressor.SKIP_COMPRESS_EXTENSIONS),
        "compressible": {name: compressor.should_compress(name) for name in NAMES},
        "customSkip": CUSTOM_SKIP,
        "customCompressible": {name: custom.should_compress(name) for name in NAMES},
        "files": {name: record(compressor, content) for name, content in contents.items()},
    }
    text = json.dumps(recorded, indent=2) + "\n"
    (folder / "whitenoise.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent.parent / "fixtures" / "compress"))
