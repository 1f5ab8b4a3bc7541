"""How fast EPP is through the pool, against a registry on loopback.

``python -m benchmarks.epp``. One module for each question; the registry is the one to
test against, in a process of its own (``registry``), so that its CPU time is not the
client's. What is compared takes turns in one process (``scenario``). Values, ratios,
tables, plots and the page are those of ``benchmarks``.
"""
