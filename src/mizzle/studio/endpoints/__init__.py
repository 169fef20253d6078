"""What the pages ask, a module per page: a handler reads what is asked, has it done, and returns the answer."""
