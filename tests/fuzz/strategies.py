"""What a bad peer could send: octets, data units and XML that is nearly EPP."""

from __future__ import annotations

from hypothesis import strategies as st

from geventconnpool_ext.epp.framing import encode

EPP = "urn:ietf:params:xml:ns:epp-1.0"

NAMESPACES = st.sampled_from([EPP] * 12 + ["urn:wrong", "", EPP + " ", "epp-1.0"])
CODES = st.one_of(
    st.just("1000"),
    st.integers(1000, 2999).map(str),
    st.sampled_from(["1000", "", "0", "-1000", "1000.5", "\uff11\uff10\uff10\uff10"]),
    st.one_of(st.integers().map(str), st.none()),
)
TEXTS = st.one_of(
    st.just("text"),
    st.text("abc &;\x00\x1f\x85\ud800", max_size=5),
    st.sampled_from(["text", "&bomb;", "&#0;", "<![CDATA[]]>", "<?x ?>", "]]>"]),
)
BOMB = (
    '<!DOCTYPE epp [<!ENTITY a "aaaaaaaaaa">'
    + "".join(
        '<!ENTITY {} "{}">'.format(new, "&{};".format(old) * 10)
        for old, new in zip("abcdefgh", "bcdefghi")
    )
    + '<!ENTITY bomb "&i;&i;">]>'
)
PROLOGS = st.sampled_from(
    [""] * 10
    + [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<?xml version="1.0" encoding="UTF-16"?>',
        '<?xml version="1.0" encoding="nonsense"?>',
        '<?xml version="9.9"?>',
        BOMB,
        "<!DOCTYPE epp SYSTEM 'file:///etc/hostname'>",
        "\ufeff",
        "<!-- -->",
        "<!--",
    ]
)


@st.composite
def answers(draw):
    """Octets that are an answer, or would be but for some things."""
    code, space = draw(CODES), draw(NAMESPACES)
    result = "<result{}><msg>{}</msg>{}</result>".format(
        "" if code is None else ' code="{}"'.format(code),
        draw(TEXTS),
        draw(
            st.sampled_from(
                [
                    "",
                    "<value><x/></value>",
                    "<extValue/>",
                    "<extValue><value>x</value></extValue>",
                ]
            )
        ),
    )
    depth = draw(st.sampled_from([0, 0, 0, 1, 100, 5000]))
    inside = "<response>{}{}{}<trID>{}<svTRID>S</svTRID></trID></response>".format(
        result * draw(st.sampled_from([1, 1, 2, 0])),
        "<resData>{}{}</resData>".format("<a>" * depth, "</a>" * depth),
        draw(
            st.sampled_from(
                ["", '<msgQ count="x" id=""/>', '<msgQ count="{}"/>'.format("9" * 40)]
            )
        ),
        draw(
            st.sampled_from(
                ["", "<clTRID/>", "<clTRID>MINE-1</clTRID>", "<clTRID>OTHER</clTRID>"]
            )
        ),
    )
    if draw(st.sampled_from([False, False, False, True])):
        inside = draw(
            st.sampled_from(
                [
                    inside * 2,
                    "<greeting/>",
                    "<greeting><svID/></greeting>",
                    "<command/>",
                    "",
                ]
            )
        )
    text = '{}<epp xmlns="{}">{}</epp>'.format(draw(PROLOGS), space, inside)
    octets = text.encode(
        draw(st.sampled_from(["utf-8"] * 7 + ["utf-16"])), "surrogatepass"
    )
    return mutated(draw, octets)


def mutated(draw, octets):
    """*octets*, perhaps with some replaced, cut or put in."""
    kind = draw(st.sampled_from(["whole", "whole", "cut", "octet", "insert"]))
    at = draw(st.integers(0, max(len(octets) - 1, 0)))
    if kind == "cut":
        return octets[:at]
    if kind == "octet":
        return octets[:at] + bytes([draw(st.integers(0, 255))]) + octets[at + 1 :]
    if kind == "insert":
        return octets[:at] + draw(INSERTED) + octets[at:]
    return octets


INSERTED = st.one_of(
    st.sampled_from(
        [b"\x00", b"\xff\xfe", b"\xc0\x80", b"\xed\xa0\x80", b"&bomb;", b"<", b"]]>"]
    ),
    st.binary(max_size=8),
)

LENGTHS = st.one_of(
    st.sampled_from([0, 1, 3, 4, 5, 2**31 - 1, 2**31, 2**32 - 1]),
    st.integers(0, 2**32 - 1),
).map(lambda length: length.to_bytes(4, "big"))

UNITS = st.one_of(
    st.binary(min_size=1, max_size=60).map(encode),
    answers().filter(bool).map(encode),
    st.tuples(LENGTHS, st.binary(max_size=60)).map(b"".join),
    st.binary(max_size=60),
    st.sampled_from(
        [b"HTTP/1.1 400 Bad Request\r\n", b"220 mail\r\n", b"\x16\x03\x01"]
    ),
)

STREAMS = st.lists(UNITS, max_size=5).map(b"".join)


@st.composite
def pieces(draw):
    """A stream, cut anywhere."""
    stream = draw(STREAMS)
    cuts = sorted(draw(st.lists(st.integers(0, len(stream)), max_size=6)))
    return [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)])]
