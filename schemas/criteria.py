"""What a query asks for: given values, as they are compared with stored ones."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import takewhile

from marshmallow import ValidationError

from schemas.definition import PROFILE, IdentificationKey
from schemas.faults import DependsOnDefinition
from schemas.forms import Forms

_MAX_GUESSES = 20
_ONE_VALUE = "is sensitive: only who may read it may give several values of it"


class WrongCriteria(DependsOnDefinition):
    """What is given is not known or no value; ``faults`` has a message for each such name."""

    def __init__(self, faults: dict[str, str]) -> None:
        self.faults = faults
        super().__init__(", ".join(faults))


@dataclass(frozen=True, slots=True)
class Criteria:
    """What to find profiles by, in look-up form: any of the values of every name.

    ``values`` holds core attributes under `PROFILE`, those of an extension under its name.
    """

    values: Mapping[str, Mapping[str, tuple[str, ...]]]

    @property
    def extensions(self) -> tuple[str, ...]:
        """The extensions that any of the given attributes belongs to."""
        return tuple(source for source in self.values if source != PROFILE)

    @property
    def attributes(self) -> tuple[str, ...]:
        """The core attributes that are given."""
        return tuple(self.values.get(PROFILE, ()))

    def leading(self, key: IdentificationKey) -> list[tuple[str, ...]]:
        """The values of the leading attributes of ``key`` that are given."""
        given = self.values.get(key.source, {})
        return list(takewhile(bool, (given.get(name, ()) for name in key.attributes)))


def read_criteria(
    forms: Forms, given: Iterable[tuple[str, str]], *, concealing: bool = False
) -> Criteria:
    """What pairs of name and text, as they stand in a URL, ask for.

    ``concealing``: by one who may not see what is sensitive, so may not try several values of
    it at once.

    :raises WrongCriteria: with every name that is not known, has a text that is no value of
        its attribute, or has several that it may not have.
    """
    values: dict[str, dict[str, dict[str, None]]] = {}
    faults: dict[str, str] = {}
    for parameter, text in given:
        try:
            source, name, form = forms.read(parameter, text)
        except ValidationError as error:
            faults.setdefault(parameter, str(error.messages[0]))
        except KeyError:
            hint = forms.suggestion(parameter, guess=len(faults) < _MAX_GUESSES)
            faults.setdefault(parameter, f"is not known here{hint}")
        else:
            held = values.setdefault(source, {}).setdefault(name, {})
            held[form] = None
            if len(held) > 1 and concealing and forms.is_sensitive(source, name):
                faults.setdefault(parameter, _ONE_VALUE)
    if faults:
        raise WrongCriteria(faults)
    return Criteria({source: _tuples(names) for source, names in values.items()})


def _tuples(names: dict[str, dict[str, None]]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(forms) for name, forms in names.items()}
