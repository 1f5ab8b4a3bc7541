"""Releases: the rehearsal of one, up to an upload that goes to an index of its own.

``python -m maintenance.release --dry-run 1.2.0`` makes the release in a copy of the
checkout; ``--yank-rehearsal`` shows what becomes of a bad one. ``--prepare 1.2.0``
makes the release's commit in the checkout itself, and ``--build DIR`` what is
published of it. docs/releasing.md is the page.
"""
