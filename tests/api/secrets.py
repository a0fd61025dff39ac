"""A service whose definition has sensitive attributes, for those who may see them and others."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from flask import Flask, g

from app.access.principal import Principal
from app.access.privileges import ALL, Privilege
from app.dao.base import Dao
from app.factory import create_app
from app.settings import Settings
from tests.api.routes import ID, OTHER_ID
from tests.support.client import ApiClient

DEFINITION = Path(__file__).with_name("sensitive.yaml")
LIMITED = Principal("limited", ALL - {Privilege.READ_SENSITIVE})

# Every one of them stands in what is stored, and in no masked form.
SECRETS = ("HIDDEN", "1977-07-07", "909090909", "808080808")
PROFILE: dict[str, Any] = {
    "customer_id": ID,
    "FirstName": "Bruce",
    "Card": "HIDDEN-card-0001",
    "Cards": ["HIDDEN-cards-0002", "HIDDEN-cards-0003"],
    "Born": "1977-07-07",
    "Income": 909090909,
    "Phone": [
        {"PhoneNumber": "HIDDEN-phone-0004", "Pin": 808080808, "Kind": "home"},
        {"PhoneNumber": "HIDDEN-phone-0005", "Kind": "work"},
    ],
    "Account": {"Number": "HIDDEN-account-0006", "Bank": "Gamma"},
}
MASKED: dict[str, Any] = {
    "FirstName": "Bruce",
    "Card": "••••0001",
    "Cards": ["••••0002", "••••0003"],
    "Born": "••••-••-••",
    "Income": "••••",
    "Phone": [
        {"PhoneNumber": "••••0004", "Pin": "••••", "Kind": "home"},
        {"PhoneNumber": "••••0005", "Kind": "work"},
    ],
    "Account": {"Number": "••••0006", "Bank": "Gamma"},
}
OTHER: dict[str, Any] = {
    "customer_id": OTHER_ID,
    "FirstName": "Bruce",
    "Card": "HIDDEN-card-0009",
    "Phone": [{"PhoneNumber": "HIDDEN-phone-0007"}],
}


def service(
    settings: Settings, dao: Dao, principal: Principal, definition: Path = DEFINITION
) -> Flask:
    """The service on ``definition``, with every request coming from ``principal``."""
    app = create_app(replace(settings, definition=definition), dao)

    def become() -> None:
        g.principal = principal

    app.before_request(become)
    return app


def filled(app: Flask, tenant: int) -> ApiClient:
    """A client of ``app`` as ``tenant``, which has two profiles now."""
    api = ApiClient(app.test_client(), tenant)
    api.created(PROFILE)
    api.created(OTHER)
    return api


def told_secrets(text: str) -> set[str]:
    """The secrets that ``text`` gives away."""
    return {secret for secret in SECRETS if secret in text}
