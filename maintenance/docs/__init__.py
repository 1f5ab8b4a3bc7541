"""The documentation site: what Sphinx does not do by itself, and a look at the result.

``docs/conf.py`` takes ``source_links`` from here; ``python -m maintenance.docs SITE``
tells of every link inside of a built site that leads nowhere.
"""
