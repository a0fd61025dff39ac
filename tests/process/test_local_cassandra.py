"""The Cassandra out of packages: what it refuses to do."""

import socket
from pathlib import Path

import pytest

from local_cassandra.node import Node, NoStart


def test_a_node_does_not_start_beside_one_that_has_its_address(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        node = Node(tmp_path / "node", port=taken.getsockname()[1])
        with pytest.raises(NoStart, match="something listens on 127.0.0.1"):
            node.start()
    assert not (tmp_path / "node").exists()


def test_a_node_that_ends_at_once_says_why(tmp_path: Path) -> None:
    node = Node(tmp_path / "node", address="127.0.0.1", port=1, heap="1")
    with pytest.raises(NoStart, match="Cassandra did not start; its log ends with"):
        node.start()
    node.stop()
