"""The least that a query over HTTP can be: a Flask route that selects a profile, by a driver as it
is, and answers its bytes. No validation, tenants, access, logs or metrics."""

import os
from contextlib import AbstractContextManager
from pathlib import Path

from flask import Flask, Response

from app.settings import DEFAULT_TENANT, THREADS, CassandraStore, store_address
from benchmarks import bare
from benchmarks.processes import Server
from benchmarks.replay import bare_cluster
from benchmarks.service import store_url

STORE = "PROTOTYPE_STORE"
_FACTORY = "benchmarks.prototype:create_prototype"
_SELECT = (
    "SELECT doc, etag FROM profile"
    " WHERE tenant = ? AND customer_id = ? AND part = 'core' AND name = ''"
)


def create_prototype() -> Flask:
    """To be called in a worker, as the session would not outlive its fork. The store is what the
    environment variable `STORE` says."""
    address = store_address(os.environ[STORE])
    if not isinstance(address, CassandraStore):
        raise TypeError(address)
    session = bare_cluster(address).connect(address.keyspace)
    select, app = session.prepare(_SELECT), Flask(__name__)

    @app.get("/profiles/<customer_id>")
    def one(customer_id: str) -> Response:
        document, tag = session.execute(select, (DEFAULT_TENANT, customer_id)).one()
        return Response(document, content_type="application/json", headers={"ETag": f'"{tag}"'})

    @app.get("/health/ready")
    def ready() -> Response:
        return Response(b"{}", content_type="application/json")

    return app


def serving(server: str, folder: Path, address: CassandraStore) -> AbstractContextManager[Server]:
    """It under ``server``, as `bare.serving`.

    :raises NoStart: it did not start.
    """
    threads = THREADS[type(address)]
    return bare.serving(server, folder, threads, _FACTORY, **{STORE: store_url(address)})
