"""From articles to the letter: what is picked, how it is laid out, what is rendered."""
