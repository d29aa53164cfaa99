"""Frozen values and pure rules; imports nothing of the house but the standard library."""
