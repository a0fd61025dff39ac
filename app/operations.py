"""The operations of the service, by the endpoint of their route: one table for all that is
told of an operation and asked of who calls it."""

from dataclasses import dataclass

from app.access.privileges import Privilege


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path.

    ``needs`` are the privileges that every call takes, ``to_create`` those instead where
    ``If-None-Match: *`` asks for a new profile; what a call asks for beside may take more.
    ``public`` ones ask nobody who they are; others may need no privilege, but somebody. Those
    not ``of_tenant`` are about the service as a whole. Those not ``limited`` may be called as
    often as anybody likes.
    """

    needs: tuple[Privilege, ...] = ()
    to_create: tuple[Privilege, ...] = ()
    public: bool = False
    of_tenant: bool = True
    limited: bool = True


_P = Privilege

OPERATIONS: dict[str, Operation] = {
    "profiles.create": Operation((_P.CREATE_PROFILE,)),
    "profiles.query": Operation((_P.READ_PROFILE,)),
    "profiles.update": Operation((_P.UPDATE_PROFILE,), to_create=(_P.CREATE_PROFILE,)),
    "profiles.patch": Operation((_P.UPDATE_PROFILE,)),
    "profiles.delete": Operation((_P.DELETE_PROFILE,)),
    "profiles.merge": Operation((_P.MERGE_PROFILE,)),
    "profiles.identify": Operation((_P.READ_PROFILE,)),
    "profiles.history": Operation((_P.READ_PROFILE,)),
    "profiles.insert_records": Operation((_P.CREATE_EXTENSION, _P.UPDATE_EXTENSION)),
    "profiles.records": Operation((_P.READ_EXTENSION,)),
    "profiles.replace_extension": Operation((_P.UPDATE_EXTENSION,)),
    "profiles.remove_extension": Operation((_P.DELETE_EXTENSION,)),
    "profiles.update_record": Operation((_P.UPDATE_EXTENSION,)),
    "profiles.delete_record": Operation((_P.DELETE_EXTENSION,)),
    "metadata.attributes": Operation((_P.READ_ATTRIBUTES,)),
    "metadata.replace_attributes": Operation((_P.UPDATE_ATTRIBUTES,)),
    "metadata.extensions": Operation((_P.READ_EXTENSION_SCHEMA,)),
    "metadata.add_extension": Operation((_P.CREATE_EXTENSION_SCHEMA,)),
    "metadata.extension": Operation((_P.READ_EXTENSION_SCHEMA,)),
    "metadata.replace_extension": Operation((_P.CREATE_EXTENSION_SCHEMA,)),
    "metadata.remove_extension": Operation((_P.CREATE_EXTENSION_SCHEMA, _P.DELETE_EXTENSION)),
    "metadata.keys": Operation((_P.READ_KEYS,)),
    "metadata.add_key": Operation((_P.CREATE_KEYS,)),
    "metadata.key": Operation((_P.READ_KEYS,)),
    "metadata.remove_key": Operation((_P.CREATE_KEYS,)),
    "metadata.job": Operation((_P.READ_KEYS,)),
    "server.mode": Operation((_P.CHANGE_MODE,), of_tenant=False),
    "server.status": Operation((_P.READ_STATUS,), of_tenant=False),
    "watching.metrics": Operation((_P.READ_STATUS,), of_tenant=False),
    "documents.openapi": Operation(),
    "documents.docs": Operation(public=True),
    "documents.asset": Operation(public=True),
    "health.live": Operation(public=True, limited=False),
    "health.ready": Operation(public=True, limited=False),
}
