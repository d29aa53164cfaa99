"""Where articles come from and the formats they come in; each format is one module with one ``read``."""
