"""What tests share: a virtual clock, a scripted peer, a TCP server, child processes."""

from __future__ import annotations
