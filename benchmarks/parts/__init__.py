"""The parts of a run; each measures units and saves them one by one."""

from benchmarks.parts import bulk, footprint, growth, many, open_loop, operations

PARTS = (operations, open_loop, bulk, footprint, growth, many)
UNITS = tuple(unit for part in PARTS for unit in part.UNITS)
