"""One Cassandra process: its folders, its settings, its start and its end."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from local_cassandra.packages import java_and_jars

START_SECONDS = 180
STOP_SECONDS = 60

_EXPORTS = (
    "java.base/jdk.internal.misc java.base/jdk.internal.ref java.base/sun.nio.ch"
    " java.base/java.lang.ref java.management.rmi/com.sun.jmx.remote.internal.rmi"
    " java.rmi/sun.rmi.registry java.rmi/sun.rmi.server java.sql/java.sql jdk.unsupported/sun.misc"
)
_OPENS = (
    "java.base/java.lang.module java.base/jdk.internal.loader java.base/jdk.internal.ref"
    " java.base/jdk.internal.reflect java.base/jdk.internal.math java.base/jdk.internal.module"
    " java.base/jdk.internal.util.jar java.base/sun.nio.ch java.base/java.io java.base/java.lang"
    " java.base/java.util java.base/java.nio java.base/java.util.concurrent"
    " java.base/java.util.concurrent.atomic jdk.management/com.sun.management.internal"
)
_LOGBACK = """<configuration>
  <appender name="FILE" class="ch.qos.logback.core.FileAppender">
    <file>{folder}/system.log</file>
    <encoder><pattern>%-5level %date{{ISO8601}} %logger{{0}} %msg%n</pattern></encoder>
  </appender>
  <root level="INFO"><appender-ref ref="FILE"/></root>
</configuration>
"""


class NoStart(Exception):
    """The process ended or did not answer; the message ends with the tail of its log."""


@dataclass
class Node:
    """One node. ``folder`` keeps its data and log; ``seeds`` are the cluster's first nodes.

    ``quick`` compiles less and starts sooner: for tests. Without it, the JVM's default, for
    benchmarks. ``options`` go into cassandra.yaml beside what stands there, or in its place.
    """

    folder: Path
    address: str = "127.0.0.1"
    port: int = 9042
    storage_port: int = 7000
    jmx_port: int = 7199
    seeds: Sequence[str] = ()
    heap: str = "512M"
    quick: bool = True
    options: Mapping[str, object] = field(default_factory=dict)
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self) -> None:
        """Start it, or start it again on the data it has, and wait until clients can connect.

        :raises NoStart: it ended, did not answer in time, or its address is taken.
        """
        if self._answers():
            raise NoStart(f"something listens on {self.address}:{self.port} already")
        self._write_settings()
        with (self.folder / "output.log").open("ab") as output:
            self._process = subprocess.Popen(
                self._command(), stdout=output, stderr=output, start_new_session=True
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise NoStart(f"Cassandra did not start; its log ends with\n{self._log_tail()}")
            time.sleep(0.1)

    def stop(self) -> None:
        """End it in an orderly way. Harmless when it has ended."""
        if self._process is None:
            return
        self.resume()
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End it at once, as a crash would (SIGKILL)."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def pause(self) -> None:
        """Let it hang (SIGSTOP): nothing is answered and no connection ends, until `resume`."""
        if self._process is not None:
            self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on after `pause`. Harmless otherwise."""
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)

    def _answers(self) -> bool:
        try:
            with socket.create_connection((self.address, self.port), timeout=1):
                return True
        except OSError:
            return False

    def _log_tail(self) -> str:
        for name in ("output.log", "system.log"):
            path = self.folder / name
            if path.exists() and (lines := path.read_text().splitlines()):
                return "\n".join(lines[-10:])
        return "nothing"

    def _write_settings(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "cassandra.yaml").write_text(yaml.safe_dump(self._settings()))
        (self.folder / "logback.xml").write_text(_LOGBACK.format(folder=self.folder))

    def _settings(self) -> dict[str, object]:
        seeds = ",".join(f"{seed}:{self.storage_port}" for seed in self.seeds or [self.address])
        provider = "org.apache.cassandra.locator.SimpleSeedProvider"
        return {
            "cluster_name": "local",
            "num_tokens": 4,
            "partitioner": "org.apache.cassandra.dht.Murmur3Partitioner",
            "endpoint_snitch": "SimpleSnitch",
            "seed_provider": [{"class_name": provider, "parameters": [{"seeds": seeds}]}],
            "listen_address": self.address,
            "storage_port": self.storage_port,
            "rpc_address": self.address,
            "native_transport_port": self.port,
            "data_file_directories": [str(self.folder / "data")],
            "commitlog_directory": str(self.folder / "commitlog"),
            "saved_caches_directory": str(self.folder / "saved_caches"),
            "hints_directory": str(self.folder / "hints"),
            "cdc_raw_directory": str(self.folder / "cdc_raw"),
            # Each write is on disk before its answer, so that one node alone loses none.
            "commitlog_sync": "batch",
            "commitlog_segment_size": "16MiB",
            "commitlog_disk_access_mode": "legacy",
            "memtable_heap_space": "64MiB",
            "memtable_offheap_space": "64MiB",
            "auto_snapshot": False,
            "paxos_variant": "v2",
            "storage_compatibility_mode": "NONE",
            **self.options,
        }

    def _command(self) -> list[str]:
        java, jars = java_and_jars()
        properties = {
            "cassandra.config": (self.folder / "cassandra.yaml").as_uri(),
            "cassandra.storagedir": str(self.folder),
            "logback.configurationFile": str(self.folder / "logback.xml"),
            "cassandra.skip_wait_for_gossip_to_settle": "0",
            # A node that joins gives up on its seeds after this time.
            "cassandra.ring_delay_ms": "5000" if self.seeds else "0",
            "cassandra.superuser_setup_delay_ms": "0",
            "cassandra-foreground": "yes",
            "cassandra.jmx.local.port": str(self.jmx_port),
            "jdk.attach.allowAttachSelf": "true",
            "io.netty.tryReflectionSetAccessible": "true",
            "java.io.tmpdir": str(self.folder),
        }
        quick = ["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"] if self.quick else []
        return [
            str(java),
            *quick,
            f"-Xms{self.heap}",
            f"-Xmx{self.heap}",
            *(f"--add-exports={package}=ALL-UNNAMED" for package in _EXPORTS.split()),
            *(f"--add-opens={package}=ALL-UNNAMED" for package in _OPENS.split()),
            *(f"-D{name}={value}" for name, value in properties.items()),
            "-cp",
            os.pathsep.join(map(str, jars)),
            "org.apache.cassandra.service.CassandraDaemon",
        ]
