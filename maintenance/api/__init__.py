"""The public API, compared with the last release's.

``python -m maintenance.api`` fails where a public name or parameter is gone, or takes
less than it did, and no fragment in changes/ says that the next release is a major one.
What is public, docs/versioning.md says.
"""
