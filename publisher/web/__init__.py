"""What readers and their programs fetch over HTTP."""
