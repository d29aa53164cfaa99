"""From articles to the feeds that readers fetch."""
