"""What the service promises holds under each server."""

import pytest

from app.settings import Server


@pytest.fixture(scope="module", params=[*Server])
def server(request: pytest.FixtureRequest) -> str:
    """One that the service may run under, for `PROFILES_SERVER`."""
    return str(request.param)
