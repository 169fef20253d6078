"""The rules, a module for each subject; each is a function from facts to findings."""
