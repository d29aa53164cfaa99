"""Text and HTML as they may stand in a feed, a page or a letter, whatever they came in as."""
