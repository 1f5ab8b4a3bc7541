"""Framing: what an octet of a large answer costs that comes in small pieces."""

from __future__ import annotations

from time import process_time
from typing import Callable, Dict, List

from benchmarks.epp.scenario import Effort, Scenario, take_turns
from benchmarks.plots import Line, Lines
from benchmarks.ratios import Claim, ratio
from benchmarks.results import Case, Results, Sample
from benchmarks.scenarios.scenario import Report
from benchmarks.table import Table
from geventconnpool_ext.epp.framing import HEADER_SIZE, FrameDecoder, encode

PIECE = 1024
KIB, MIB = 1024, 1024 * 1024
SIZES = (64 * KIB, 256 * KIB, 1 * MIB, 4 * MIB)
OCTETS = 8 * MIB
"""How many octets one value is measured over, in answers of one size."""


def decoded(pieces: List[bytes], size: int) -> int:
    """Octets of the answer in *pieces*, as the decoder puts them together."""
    decoder = FrameDecoder(size + KIB)
    for piece in pieces:
        decoder.feed(piece)
        message = decoder.next_frame()
    assert message is not None
    return len(message)


def concatenated(pieces: List[bytes], size: int) -> int:
    """The same by adding up bytes, each time copying what is there already."""
    received = b""
    for piece in pieces:
        received += piece
        length = int.from_bytes(received[:4], "big")
        if len(received) >= length:
            message = received[4:length]
    return len(message)


def joined(pieces: List[bytes], size: int) -> int:
    """The same with one copy of each octet, by knowing which piece is the last."""
    return len(b"".join(pieces)) - HEADER_SIZE


PEERS: Dict[str, Callable[[List[bytes], int], int]] = {
    "decoder": decoded,
    "joined": joined,
    "concatenated": concatenated,
}


LABELS = {
    "decoder": "FrameDecoder",
    "joined": "one copy, the end known",
    "concatenated": "bytes added up",
}


class Framing(Scenario):
    """CPU time per octet over the size of the answer."""

    name = "epp-framing"
    title = "EPP: large answers in small pieces"
    measures = (
        f"CPU time for each KiB of an answer that comes in pieces of {PIECE} octets, "
        "until it is one message; without a socket, TLS or XML. It is linear if the "
        "time for a KiB grows no more with the answer than that of one copy does, "
        "which has to fetch memory that is in no cache, too. Next to it, what adding "
        "up bytes objects costs, which copies all that is there for each piece."
    )
    labels = LABELS

    def measure(self, effort: Effort) -> Results:
        results = Results()
        sizes = SIZES[:2] if effort.quick else SIZES
        cases = [Case(peer, size // KIB) for size in sizes for peer in PEERS]
        pieces = {size // KIB: cut(encode(b"x" * size, 2 * size)) for size in sizes}

        def sample(case: Case) -> Sample:
            size = int(case.point) * KIB
            answers = 1 if effort.quick else OCTETS // size
            decode = PEERS[case.peer]
            began = process_time()
            for _ in range(answers):
                if decode(pieces[int(case.point)], size) != size:
                    raise RuntimeError("an answer did not come out as it went in")
            # A clock that ticks in milliseconds may not have ticked.
            used = max(process_time() - began, 1e-9)
            return Sample(used / answers / size * KIB, {})

        take_turns(results, cases, effort, sample)
        return results

    def report(self, results: Results) -> Report:
        sizes = results.points("decoder")
        first, last = sizes[0], sizes[-1]
        rows = []
        lines: List[Line] = []
        claims = []
        for peer in results.peers:
            values = [results.median(Case(peer, size)) for size in sizes]
            growth = results.ratio(Case(peer, last), Case(peer, first))
            cells = [f"{value * 1e9:,.0f} ns" for value in values]
            rows.append((self.labels[peer], *cells, f"{growth.median:.2f}"))
            micros = [value * 1e6 for value in values]
            lines.append((self.labels[peer], [float(size) for size in sizes], micros))
        for size in sizes[1:]:
            own, copying = (
                [
                    value / smallest
                    for value, smallest in zip(
                        results.values(Case(peer, size)),
                        results.values(Case(peer, first)),
                    )
                ]
                for peer in ("decoder", "joined")
            )
            what = f"growth from {first} to {size} KiB: FrameDecoder / one copy"
            claims.append(Claim(what, ratio(own, copying), most=1.3))
        plot = Lines(
            f"Putting an answer together from pieces of {PIECE} octets",
            "KiB of the answer (logarithmic)",
            "microseconds of CPU time for each KiB (logarithmic)",
            lines,
            ours=(self.labels["decoder"],),
        )
        header = ("time for a KiB", *(f"{s} KiB" for s in sizes), "last / first")
        return Report([Table(header, rows)], claims, plot)


def cut(unit: bytes) -> List[bytes]:
    """*unit* in pieces."""
    return [unit[at : at + PIECE] for at in range(0, len(unit), PIECE)]


SCENARIO = Framing()
