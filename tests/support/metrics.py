"""What this process, or a service, has counted."""

from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client.parser import text_string_to_metric_families

from app.watching import metrics


def counted(name: str, **labels: str) -> float:
    """A sample of this process, 0 where there is none yet."""
    return metrics.registry().get_sample_value(name, labels) or 0.0


@contextmanager
def counting(name: str, by: float, **labels: str) -> Iterator[None]:
    """The block moves the sample by just as much."""
    before = counted(name, **labels)
    yield
    assert counted(name, **labels) - before == by


def read(text: str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """The samples of an exposition."""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def summed(text: str, name: str, **labels: str) -> float:
    """All samples called so that have these labels, whatever others."""
    asked = labels.items()
    return sum(
        value for (each, held), value in read(text).items() if each == name and asked <= held
    )
