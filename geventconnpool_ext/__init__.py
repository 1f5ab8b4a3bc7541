"""A connection pool for gevent: the maintained, typed fork of geventconnpool."""

__version__ = "1.0.0.dev0"
