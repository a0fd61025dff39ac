"""The paths that UCS documents: some of its pages write them with a slash at the end."""

from typing import Any

from flask import Blueprint


class Paths(Blueprint):
    """A blueprint each of whose paths may end in a slash."""

    def add_url_rule(self, rule: str, *of_rule: Any, **options: Any) -> None:
        super().add_url_rule(rule, *of_rule, strict_slashes=False, **options)
