"""The changelog: written from the fragments in changes/, by towncrier.

``python -m maintenance.changelog`` writes the section [Unreleased]; with a version it
makes a release's section of it.
"""
