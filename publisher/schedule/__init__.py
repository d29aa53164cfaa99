"""When the jobs of the schedule are due, the ledger of their runs, and what drives them."""
