"""The documentation page and what it loads: files of this package and of Swagger UI."""

from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from importlib.resources import files

_OWN = files("app") / "docs_page"
_SWAGGER_UI = files("flask_swagger_ui") / "dist"
_MEDIA_TYPES = {
    "docs.css": "text/css",
    "docs.js": "text/javascript",
    "swagger-ui.css": "text/css",
    "swagger-ui-bundle.js": "text/javascript",
    "favicon-32x32.png": "image/png",
    "LICENSE": "text/plain",
}


@dataclass(frozen=True, slots=True)
class Asset:
    """A file that the page loads."""

    content: bytes
    media_type: str


@cache
def assets() -> dict[str, Asset]:
    """All files by name: read once, when first asked for."""
    found = {}
    for name, media_type in _MEDIA_TYPES.items():
        folder = _OWN if name.startswith("docs.") else _SWAGGER_UI
        found[name] = Asset((folder / name).read_bytes(), media_type)
    return found


@cache
def edition() -> str:
    """What stands for the content of all files; it is in their addresses."""
    digest = blake2b(digest_size=8)
    for asset in assets().values():
        digest.update(asset.content)
    return digest.hexdigest()


@cache
def page() -> bytes:
    """The HTML page."""
    text = (_OWN / "page.html").read_text(encoding="utf-8")
    return text.replace("{edition}", edition()).encode()
