"""The verbs as tasks that can be run again, and what they need to run."""
