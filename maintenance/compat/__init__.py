"""The compatibility matrix: every gevent release on every Python it runs on.

Here lives what decides which cells run, runs them, and records what came of it. How
one cell runs stands in tox.toml and maintenance.cell_wheel; how the results are shown,
in maintenance.compat_pages. compat/README.md describes the files.
"""
