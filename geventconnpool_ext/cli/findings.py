"""What ``ping`` found, written step by step or collected for one JSON object."""

from __future__ import annotations

import json
from typing import Any, Dict, List, Optional, Sequence, TextIO

from .finding import Finding, exit_status, verdict
from .page import Page

__all__ = ["Findings"]


class Findings:
    """The findings of *steps*, in that order.

    *page* writes each at once; without it ``finish`` writes all as JSON. *secret* is
    shown in neither, whoever says it.
    """

    def __init__(
        self,
        steps: Sequence[str],
        out: TextIO,
        page: Optional[Page],
        secret: Optional[str],
    ) -> None:
        self._steps = list(steps)
        self._out = out
        self._page = page
        # Also as it reads in an answer, in which each white space is one.
        shown = () if not secret else (secret, " ".join(secret.split()))
        self._secrets: List[str] = [text for text in dict.fromkeys(shown) if text]
        self._findings: List[Finding] = []
        self._took: List[Optional[float]] = []
        self._facts: Dict[str, Any] = {}
        self._failed: Optional[str] = None

    def add(self, finding: Finding, took: Optional[float] = None) -> None:
        """Take the finding of a step that took *took* seconds."""
        finding = finding._replace(
            what=self._hidden(finding.what),
            why=self._hidden(finding.why),
            action=self._hidden(finding.action),
            details=[self._hidden(line) for line in finding.details],
        )
        self._findings.append(finding)
        self._took.append(took)
        if self._page is not None:
            self._page.finding(finding, took)

    def keep(self, **facts: Any) -> None:
        """Keep *facts* for the JSON object."""
        self._facts.update(facts)

    def stop(self, step: str) -> None:
        """No step after *step* is tried."""
        self._failed = step
        if self._page is not None:
            self._page.not_tried(self._not_tried())

    def finish(self, strict: bool) -> int:
        """Write the verdict; return the exit status, where *strict* counts warnings."""
        level, sentence = verdict(self._findings)
        if self._page is not None:
            self._page.gap()
            self._page.paragraph(sentence, level)
        else:
            steps = [
                dict(finding._asdict(), ms=_milliseconds(took))
                for finding, took in zip(self._findings, self._took)
            ]
            content = dict(
                self._facts,
                verdict=level,
                failed=self._failed,
                not_tried=self._not_tried(),
                steps=steps,
            )
            print(json.dumps(content, indent=2), file=self._out)
        return exit_status(level, strict)

    def _not_tried(self) -> List[str]:
        if self._failed is None:
            return []
        return self._steps[self._steps.index(self._failed) + 1 :]

    def _hidden(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "(hidden)")
        return text


def _milliseconds(seconds: Optional[float]) -> Optional[float]:
    return None if seconds is None else round(1000 * seconds, 3)
