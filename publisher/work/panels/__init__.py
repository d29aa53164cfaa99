"""What the pages of the console show, gathered from the store and the config: frozen values, no HTML."""
