"""Feeds and newsletters for newsrooms."""
