"""How fast the pool is, next to others, in one run. ``python -m benchmarks``.

``peers`` holds one module for each pool that is measured, ``scenarios`` one for each
question. Each peer of a scenario runs in a process of its own (``worker``, driven by
``process``), and they take turns, so that every ratio is one of values a moment apart
(``results``, ``ratios``). What people see of it is made by ``table``, ``plots`` and
``page``; ``files`` keeps the values for pyperf. ``bench`` is what nox runs: this, and
``epp``.
"""
