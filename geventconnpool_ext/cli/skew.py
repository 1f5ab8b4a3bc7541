"""How far a registry's clock is from this machine's, by the date of its greeting."""

from __future__ import annotations

import re
import time
from datetime import datetime, timedelta, timezone
from typing import Optional

__all__ = ["ahead", "in_words"]

_DATE = re.compile(
    r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(?:(Z)|([+-])(\d\d):?(\d\d))\Z"
)


def ahead(server_date: str, now: Optional[float] = None) -> Optional[float]:
    """Seconds by which *server_date*, ISO 8601, is ahead; None if it says nothing.

    *now* (default: the time) is in seconds since 1970.
    """
    found = _DATE.match(server_date.strip().upper())
    if found is None:
        return None
    day, fraction, _, sign, hours, minutes = found.groups()
    offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
    try:
        moment = datetime.strptime(day, "%Y-%m-%dT%H:%M:%S")
        moment -= -offset if sign == "-" else offset
    except (ValueError, OverflowError):
        # No date, or one that an offset takes out of the years 1 to 9999.
        return None
    seconds = moment.replace(tzinfo=timezone.utc).timestamp() + float(fraction or 0)
    return round(seconds - (time.time() if now is None else now), 3)


def in_words(seconds: float) -> str:
    """*seconds* ahead, for a reader."""
    if abs(seconds) < 1:
        return "as ours"
    return "{:.0f} s {} ours".format(abs(seconds), "before" if seconds < 0 else "after")
