# What this package derives from in epplib, which is not on PyPI: for the check of
# what the installed package shows to type checkers.
