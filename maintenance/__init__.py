"""What maintainers run: the ledger, upstream's changes, the compatibility matrix.

Nothing of it is shipped in the wheel, and nothing in the package imports it. Each
part is run by the nox session of its name.
"""
