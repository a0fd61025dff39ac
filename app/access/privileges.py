"""The privileges: the names that Genesys UCS documents, and those that it has no name for."""

from collections.abc import Iterable
from enum import StrEnum


class Privilege(StrEnum):
    """What a principal may do; the value is the name in roles, claims and refusals."""

    CREATE_PROFILE = "Create Customer Profile"
    READ_PROFILE = "Read Customer Profile"
    UPDATE_PROFILE = "Update Customer Profile"
    DELETE_PROFILE = "Delete Customer Profile"
    MERGE_PROFILE = "Merge Customer Profile"
    CREATE_EXTENSION = "Create Customer Profile Extension"
    READ_EXTENSION = "Read Customer Profile Extension"
    UPDATE_EXTENSION = "Update Customer Profile Extension"
    DELETE_EXTENSION = "Delete Customer Profile Extension"
    READ_ATTRIBUTES = "Read Business Attributes"
    UPDATE_ATTRIBUTES = "Update Profile Schema"
    READ_EXTENSION_SCHEMA = "Read Profile Extension Schema"
    CREATE_EXTENSION_SCHEMA = "Create Profile Extension Schema"
    READ_KEYS = "Read Id Keys"
    CREATE_KEYS = "Create Id Keys"
    READ_SENSITIVE = "Read Sensitive Attributes"
    CHANGE_MODE = "Change Server Mode"
    READ_STATUS = "Read Server Status"


ALL = frozenset(Privilege)


class PrivilegesMissing(Exception):
    """The principal may not do this; ``missing`` has every privilege that is lacking."""

    def __init__(self, missing: Iterable[Privilege]) -> None:
        self.missing = list(missing)
        super().__init__(", ".join(self.missing))
