"""Words and blocks of the controller, as the maker's own program has them (tecgihan/forceplate-python, MIT)."""
