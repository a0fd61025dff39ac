"""The names under which the application keeps its parts, for the process that serves it."""

STORE = "profiles.store"
JOBS = "profiles.jobs"
USAGE = "profiles.usage"
WATCH = "profiles.watch"
WATCHERS = "profiles.watchers"
GATE = "profiles.gate"
