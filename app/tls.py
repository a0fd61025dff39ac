"""TLS to a store: what its URL says of it, and the context that follows."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_FILES = ("ca", "cert", "key")


class WrongTls(Exception):
    """An option of TLS, or the file that it names, cannot be used; the message says why."""


@dataclass(frozen=True, slots=True)
class Tls:
    """An encrypted connection, to servers that prove who they are.

    ``ca``: whom to trust, None: whom this machine trusts. ``cert``, ``key``: who we are, for
    servers that ask; the key may be in ``cert`` too. ``name``: what the certificates of all
    servers are for, None: each for its own address.
    """

    ca: Path | None = None
    cert: Path | None = None
    key: Path | None = None
    name: str | None = None

    @classmethod
    def taken_from(cls, options: dict[str, str]) -> "Tls | None":
        """What ``options`` of a URL say of TLS; these are removed from it.

        :raises WrongTls: they contradict each other, or name a file that cannot be used.
        """
        wanted, name = options.pop("tls", None), options.pop("tls_name", None)
        files = {each: Path(options.pop(each)) for each in _FILES if each in options}
        if wanted is None and name is None and not files:
            return None
        if wanted != "true":
            raise WrongTls("tls must be true where it, ca, cert, key or tls_name is given")
        if "key" in files and "cert" not in files:
            raise WrongTls("key is given without cert")
        tls = cls(**files, name=name)
        tls.context()
        return tls

    def context(self) -> ssl.SSLContext:
        """:raises WrongTls: a file cannot be read, or does not hold what it should."""
        with _told(f"ca={self.ca}", "no certificates in PEM"):
            context = ssl.create_default_context(cafile=self.ca)
        if self.cert is not None:
            pair = f"cert={self.cert}" + (f" with key={self.key}" if self.key else "")
            with _told(pair, "no certificate with its key, in PEM and without a passphrase"):
                context.load_cert_chain(self.cert, self.key, password="")
        return context


@contextmanager
def _told(option: str, lacks: str) -> Iterator[None]:
    try:
        yield
    except ssl.SSLError:
        raise WrongTls(f"{option} holds {lacks}") from None
    except OSError as error:
        raise WrongTls(f"{option} cannot be read ({error.strerror})") from None
