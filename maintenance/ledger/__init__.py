"""The ledger of upstream's changes: one DEP-3 header for each, held to the source.

``python -m maintenance.ledger`` checks it; what a red line means stands in
patches/README.md.
"""
