"""The store and its driver warn of nothing that they are asked in ordinary use."""

import logging
from contextlib import suppress

import pytest

from app.dao.errors import VersionConflict
from app.settings import StoreAddress
from app.stores import open_dao
from tests.contract.test_failing_store import CALLS


def test_no_method_makes_the_driver_warn(
    address: StoreAddress, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    dao = open_dao(address)
    for call in CALLS.values():
        with suppress(VersionConflict):
            call(dao)
    dao.close()
    assert caplog.messages == []
