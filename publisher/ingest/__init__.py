"""Articles coming in: source -> drafts -> normalised -> decided -> store."""
