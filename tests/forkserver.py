"""Processes of the tests that start at once: they are forked from one that has imported what they need."""

from multiprocessing import get_context

SPAWN = get_context("forkserver")
SPAWN.set_forkserver_preload(["tests.schedule.processes", "tests.work.office", "tests.journeys.once"])
