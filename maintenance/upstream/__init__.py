"""Upstream since the lock: what is new there, and how a change is taken over.

``python -m maintenance.upstream check`` and ``import``; docs/fork-process.md tells
when to run which. Nothing of upstream's text is written into the project's tree.
"""
