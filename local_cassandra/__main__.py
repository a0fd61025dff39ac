"""``python -m local_cassandra``: a cluster for hand use, until Ctrl-C."""

import argparse
import signal
import sys
from pathlib import Path

from local_cassandra.cluster import CQL_PORT, Cluster
from local_cassandra.node import NoStart
from local_cassandra.packages import MissingPackages, java_and_jars


def main() -> int:
    """Start, tell how to use it, wait, stop."""
    options = _options()
    cluster = Cluster(options.folder.resolve(), options.nodes, options.port, quick=False)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        print("finding Java and Cassandra's jars (the first time: 67 MB to fetch) ...", flush=True)
        java_and_jars()
        print(f"starting {options.nodes} node(s), data in {options.folder} ...", flush=True)
        cluster.start()
        print(f"ready: PROFILES_STORE='{cluster.store_url}' make run\nCtrl-C ends it", flush=True)
        signal.pause()
    except KeyboardInterrupt:
        pass
    except (NoStart, MissingPackages) as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        print("stopping ...", flush=True)
        cluster.stop()
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="local_cassandra", description=__doc__)
    parser.add_argument("--nodes", type=int, default=1, choices=range(1, 10), help="how many")
    parser.add_argument("--port", type=int, default=CQL_PORT, help="for clients, on each node")
    parser.add_argument("--folder", type=Path, default=Path("var/cassandra"), help="data and logs")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
