"""Typed settings: what the config files may say, and how they are read and explained.

``settings.schema`` and ``settings.labels`` are vocabulary that every room may use, like ``model``; reading
files is for verbs and above.
"""
