"""Settings from variables: each kind of value, each error, and the page's table."""

from __future__ import annotations

import base64
import inspect
import logging
from pathlib import Path

import pytest

from geventconnpool_ext.epp import (
    CheckDomain,
    Client,
    EPPPool,
    Login,
    PollRequest,
    SessionPolicy,
)
from geventconnpool_ext.epp.environment import (
    BY_ARGUMENT,
    BY_NAME,
    EXCLUSIVE,
    REQUIRED,
    SETTINGS,
)
from geventconnpool_ext.epp.requests import prepare
from geventconnpool_ext.epp.settings import Settings, read_settings
from geventconnpool_ext.epp.tls import ssl_context

PAGE = Path(__file__).resolve().parents[2] / "docs" / "settings.md"
GROUPS = {"connection", "tls", "client", "login", "pool", "policy"}
USER_PASSWORD = "accountPassword1"
NEEDED = {
    "EPP_HOST": "localhost",
    "EPP_USER": "client",
    "EPP_PASSWORD": USER_PASSWORD,
    "EPP_SIZE": "3",
}
PEM = "-----BEGIN THING-----\nc29tZXRoaW5n\n-----END THING-----\n"


def read(variables=(), groups=GROUPS, **options):
    return read_settings("EPP_", {**NEEDED, **dict(variables)}, options, groups)


def value(name, text):
    """What the variable *name* means if it is *text*."""
    setting = BY_NAME[name]
    return read({"EPP_" + name: text}).given(setting.group)[setting.argument]


def names_of(kind):
    return [s.name for s in SETTINGS if s.kind.short == kind]


SECONDS = names_of("seconds") + names_of("seconds or 0")
NULLABLE = [s.name for s in SETTINGS if s.nullable]
WHOLE = [s.name for s in SETTINGS if "whole number" in s.wanted]


# -- the table ---------------------------------------------------------------


def table():
    """The table of docs/settings.md, as the one in the source wants it."""
    rows = [
        "| variable | argument | value | default | meaning |",
        "|---|---|---|---|---|",
    ]
    for row in SETTINGS:
        rows.append(
            "| `{}` | `{}` | {} | {} | {} |".format(
                row.name, row.argument, row.short, row.default, row.meaning
            )
        )
    return "\n".join(rows)


def test_the_page_lists_exactly_the_settings_there_are():
    text = PAGE.read_text("utf-8")
    shown = text[text.index("| variable |") :].split("\n\n")[0]
    assert shown == table(), "the page should have:\n" + table()


def test_the_page_lists_what_code_can_give_instead():
    from geventconnpool_ext.epp.pool import _REPLACES

    text = PAGE.read_text("utf-8")
    shown = text.split("| argument | not read |")[1].split("\n\n")[0]
    assert all("| `{}`".format(argument) in shown for argument in _REPLACES)
    order = [setting.group for setting in SETTINGS]
    for group, first, last in (
        ("login", "USER", "LANG"),
        ("tls", "CA_FILE", "VERIFY"),
        ("policy", "IDLE_TIMEOUT", "LOGIN_RETRY_AFTER"),
    ):
        names = [s.name for s in SETTINGS if s.group == group]
        assert (names[0], names[-1]) == (first, last)
        assert order.index(group) == list(BY_NAME).index(first)
    upto = list(BY_NAME).index("LIMIT")
    assert set(order[: upto + 1]) == {"connection", "tls", "client"}


def test_no_two_settings_share_a_name_or_an_argument():
    assert len(BY_NAME) == len(BY_ARGUMENT) == len(SETTINGS)
    listed = {a for group in (*EXCLUSIVE, *REQUIRED) for a in group}
    assert listed <= set(BY_ARGUMENT)
    assert {setting.group for setting in SETTINGS} == GROUPS


def test_every_setting_of_a_policy_has_a_variable():
    arguments = {s.argument for s in SETTINGS if s.group == "policy"}
    assert arguments == set(SessionPolicy.__slots__) - {"session_gone"}


@pytest.mark.parametrize(
    ("group", "function"),
    [
        ("connection", Client.__init__),
        ("client", Client.__init__),
        ("tls", ssl_context),
        ("login", Login.__init__),
        ("pool", EPPPool.__init__),
        ("policy", SessionPolicy.__init__),
    ],
)
def test_every_setting_is_an_argument_with_the_default_that_is_told(group, function):
    parameters = inspect.signature(function).parameters
    for setting in SETTINGS:
        if setting.group != group or setting.argument == "password_file":
            continue
        default = parameters[setting.argument].default
        if default is inspect.Parameter.empty:
            assert setting.default.startswith("required")
        elif isinstance(default, (bool, int, float)) or setting.name in ("ORDER",):
            told = str(default).lower()
            assert setting.default in (told, told.replace(".0", "")), setting.name
        if setting.nullable:
            # Otherwise "none" would be accepted and then refused.
            assert default is None or setting.kind.short.startswith("seconds")
        elif default is None:
            assert setting.name == "KEY_PASSWORD"


@pytest.mark.parametrize("name", [n for n in NULLABLE if BY_NAME[n].group == "policy"])
def test_what_the_table_lets_be_none_is_accepted_by_the_policy(name):
    options = {"idle_timeout": 30} if name == "PROBE_INTERVAL" else {}
    assert SessionPolicy.from_env(environ={"EPP_" + name: "none"}, **options)


# -- values ------------------------------------------------------------------


@pytest.mark.parametrize("name", SECONDS)
def test_seconds_are_plain_numbers(name):
    for text, number in (("30", 30), ("0.5", 0.5), (" 7.25 ", 7.25), ("30.0", 30)):
        assert value(name, text) == number


@pytest.mark.parametrize("name", SECONDS)
@pytest.mark.parametrize(
    "text",
    ["5m", "1h", "-1", "+1", "1e3", "inf", "nan", "1_000", "0x10", "1,5", ".5", "5.",
     "five", "٣", "9" * 400, "True", "1 2", "-0.0"],
)  # fmt: skip
def test_anything_else_is_no_number_of_seconds(name, text):
    with pytest.raises(
        ValueError, match=f"^EPP_{name} must be a number of sec"
    ) as told:
        value(name, text)
    assert repr(text) in str(told.value)


def test_only_a_wait_may_be_zero():
    assert value("TIMEOUT", "0") == 0
    for name in names_of("seconds"):
        with pytest.raises(ValueError, match=f"^EPP_{name} must be .*, more than 0"):
            value(name, "0")


@pytest.mark.parametrize("name", WHOLE)
def test_counts_are_whole_numbers_in_their_range(name):
    assert value(name, " 443 ") == 443
    for text in ("4.0", "-1", "1e2", "x", "1_0", "٣", "9" * 5000, "0x1"):
        with pytest.raises(ValueError, match=f"^EPP_{name} must be a whole number"):
            value(name, text)


@pytest.mark.parametrize(
    ("name", "text"),
    [("SIZE", "0"), ("PORT", "0"), ("PORT", "65536"), ("LIMIT", "4"),
     ("MAX_OPENING", "0"), ("LOGIN_FAILURES", "0"), ("MAX_COMMANDS", "0")],
)  # fmt: skip
def test_a_count_out_of_range_is_named(name, text):
    with pytest.raises(ValueError, match=rf"^EPP_{name} must be .*, not '{text}'$"):
        value(name, text)


@pytest.mark.parametrize("name", NULLABLE)
@pytest.mark.parametrize("text", ["none", "None", " NONE "])
def test_none_in_any_case_means_none_where_it_may(name, text):
    assert value(name, text) is None


@pytest.mark.parametrize(
    "name",
    [s.name for s in SETTINGS if not s.nullable and s.kind.short not in
     ("text", "secret", "host")],
)  # fmt: skip
def test_none_is_wrong_where_it_may_not_be(name):
    with pytest.raises(ValueError, match=f"^EPP_{name} must be .*, not 'none'$"):
        value(name, "none")


@pytest.mark.parametrize("name", [s.name for s in SETTINGS])
def test_an_empty_variable_counts_as_not_set(name):
    for text in ("", " ") if BY_NAME[name].kind.short != "secret" else ("",):
        variables = {**NEEDED, "EPP_" + name: text}
        if "EPP_" + name in NEEDED:
            with pytest.raises(ValueError, match=f"^not set, but needed: EPP_{name}"):
                read_settings("EPP_", variables, {}, GROUPS)
        else:
            settings = read_settings("EPP_", variables, {}, GROUPS)
            assert BY_NAME[name].argument not in settings.given(*GROUPS)


def test_flags_are_true_or_false():
    for text in ("true", "TRUE", "yes", "on", "1"):
        assert value("VERIFY", text) is True
    for text in ("false", "False", "no", "off", "0"):
        assert value("VERIFY", text) is False
    with pytest.raises(
        ValueError, match=r"EPP_VERIFY must be true or false, not 'nay'"
    ):
        value("VERIFY", "nay")


def test_a_choice_is_one_of_its_words():
    assert value("ORDER", "lifo") == "lifo"
    assert value("KIND", "null") == "null"
    with pytest.raises(ValueError, match=r"EPP_ORDER must be fifo or lifo, not 'any'"):
        value("ORDER", "any")
    with pytest.raises(
        ValueError, match=r"EPP_KIND must be pool or null, or none, not"
    ):
        value("KIND", "other")


@pytest.mark.parametrize(
    "text", ["epp.example", "192.0.2.7", "2001:db8::1", "localhost"]
)
def test_a_host_is_a_name_or_an_address(text):
    assert value("HOST", text) == text


@pytest.mark.parametrize(
    "text", ["epp.example:700", "https://epp.example", "a b", "user@host", "[::1]"]
)
def test_a_host_has_no_scheme_and_no_port(text):
    with pytest.raises(
        ValueError, match=r"^EPP_HOST must be a host name or an address"
    ):
        value("HOST", text)


def test_a_password_in_a_url_is_not_shown():
    with pytest.raises(ValueError, match=r"^EPP_HOST must be a host") as caught:
        value("HOST", "https://client:ownSecret1@epp.example")
    assert "ownSecret1" not in str(caught.value)


@pytest.mark.parametrize("text", ["urn:a urn:b", "urn:a,urn:b", " urn:a ,\n urn:b, "])
def test_uris_are_separated_by_spaces_or_commas(text):
    assert value("EXT_URIS", text) == ("urn:a", "urn:b")
    assert value("OBJ_URIS", text) == ("urn:a", "urn:b")


def test_what_is_no_uri_is_named():
    with pytest.raises(ValueError, match=r"^EPP_OBJ_URIS must be URIs, .*not 'domain'"):
        value("OBJ_URIS", "domain")
    with pytest.raises(ValueError, match=r"^EPP_OBJ_URIS must be URIs"):
        value("OBJ_URIS", ",")


def encoded(text):
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    "text",
    [
        PEM,
        "\n " + PEM.strip() + "  ",
        PEM.replace("\n", "\\n"),
        PEM.replace("\n", "\\r\\n"),
        PEM.replace("\n", "\\n") + "\n",
        encoded(PEM),
        encoded(PEM)[:20] + "\n" + encoded(PEM)[20:] + "\n",
    ],
)
def test_pem_has_newlines_or_escaped_ones_or_is_base64(text):
    assert value("CERT", text) == PEM.encode()
    assert value("KEY", text) == PEM.encode()
    assert value("CA", text) == PEM


@pytest.mark.parametrize("name", ["CERT", "KEY", "CA"])
@pytest.mark.parametrize(
    "text", ["keySecret77", encoded("keySecret77"), PEM + "ü", "/run/secrets/key.pem"]
)
def test_what_is_no_pem_is_refused_and_not_shown(name, text):
    with pytest.raises(ValueError, match=f"^EPP_{name} must be PEM") as caught:
        value(name, text)
    told = repr(caught.value) + repr(caught.value.__context__)
    assert "keySecret77" not in told
    assert text not in told
    assert "not shown" in told


def test_a_probe_is_a_check_or_a_poll():
    for text in ("check own.example", "CHECK own.example", " check  own.example "):
        probe = SessionPolicy.from_env(environ={"EPP_PROBE": text}).probe
        assert isinstance(probe, CheckDomain)
        assert probe.names == ("own.example",)
    for text in ("poll", "Poll"):
        policy = SessionPolicy.from_env(environ={"EPP_PROBE": text})
        assert isinstance(policy.probe, PollRequest)


@pytest.mark.parametrize(
    "text", ["check", "check a b", "check example", "polls", "info own.example", "x"]
)
def test_another_probe_is_named(text):
    with pytest.raises(
        ValueError, match=r'^EPP_PROBE must be "check" and a domain name'
    ):
        SessionPolicy.from_env(environ={"EPP_PROBE": text})


def test_a_subclass_may_make_probes_of_its_own():
    settings = read({"EPP_PROBE": "check own.example"})
    assert settings.policy(check_domain=str.upper)["probe"] == "OWN.EXAMPLE"
    settings = read({"EPP_PROBE": "poll"})
    assert settings.policy(poll_request=lambda: "polled")["probe"] == "polled"


def test_a_secret_is_taken_as_it_is():
    for text in (" padded secret ", "none", "a\\nb"):
        assert value("KEY_PASSWORD", text) == text


# -- the whole ---------------------------------------------------------------


def test_all_that_is_missing_is_told_in_one_error():
    with pytest.raises(ValueError, match="needed") as told:
        read_settings("REGISTRY_", {}, {}, GROUPS)
    assert str(told.value) == (
        "not set, but needed: REGISTRY_HOST, REGISTRY_USER, REGISTRY_PASSWORD or "
        "REGISTRY_PASSWORD_FILE, REGISTRY_SIZE"
    )


def test_all_that_is_wrong_is_told_with_it():
    with pytest.raises(ValueError, match="needed") as told:
        read_settings("EPP_", {"EPP_SIZE": "x", "EPP_PORT": "y"}, {}, GROUPS)
    text = str(told.value)
    assert "EPP_SIZE must be" in text
    assert "EPP_PORT must be" in text
    # It is there, though wrong.
    assert "EPP_SIZE" not in text.split("needed:")[1]


@pytest.mark.parametrize(
    ("one", "other"),
    [("CA_FILE", "CA"), ("CERT_FILE", "CERT"), ("KEY_FILE", "KEY"),
     ("PASSWORD", "PASSWORD_FILE")],
)  # fmt: skip
def test_a_file_and_text_of_one_thing_are_refused_by_both_names(one, other):
    text = {"CA": PEM, "CERT": PEM, "KEY": PEM}
    variables = {"EPP_" + n: text.get(n, "someSecret1") for n in (one, other)}
    with pytest.raises(ValueError, match=f"^EPP_{one} and EPP_{other} are both set"):
        read(variables)


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        (
            {"HELLO_INTERVAL": "400", "IDLE_TIMEOUT": "300"},
            r"^EPP_HELLO_INTERVAL must be below EPP_IDLE_TIMEOUT, 300,.* not 400$",
        ),
        (
            {"HELLO_INTERVAL": "4000"},
            r"^EPP_HELLO_INTERVAL must be below EPP_IDLE_TIMEOUT, 3600,",
        ),
        (
            {"PROBE_INTERVAL": "40"},
            r"^EPP_PROBE_INTERVAL needs a probe: set EPP_PROBE",
        ),
        (
            {"PROBE": "poll", "IDLE_TIMEOUT": "none"},
            r"^EPP_PROBE_INTERVAL must be given",
        ),
    ],
)
def test_what_the_policy_refuses_names_the_variables(variables, told):
    environ = {"EPP_" + name: text for name, text in variables.items()}
    with pytest.raises(ValueError, match=told):
        SessionPolicy.from_env(environ=environ)


def test_an_error_about_code_alone_stays_as_it_is():
    with pytest.raises(TypeError, match=r"^max_age must be a number of seconds"):
        SessionPolicy.from_env(environ={"EPP_IDLE_TIMEOUT": "7"}, max_age="x")
    with pytest.raises(TypeError, match=r"unexpected keyword argument 'size'"):
        SessionPolicy.from_env(environ={}, size=3)
    with pytest.raises(ValueError, match=r"^hello_interval must be below EPP_IDLE_TIM"):
        SessionPolicy.from_env(environ={"EPP_IDLE_TIMEOUT": "7"}, hello_interval=8)


def test_code_counts_before_variables_which_then_may_be_wrong():
    environ = {"EPP_MAX_AGE": "x", "EPP_IDLE_TIMEOUT": "300"}
    policy = SessionPolicy.from_env(environ=environ, max_age=None)
    assert (policy.max_age, policy.idle_timeout) == (None, 300)


def test_what_code_gives_replaces_the_other_form_of_it_too():
    given = read({"EPP_CERT_FILE": "/none", "EPP_KEY": PEM}, cert_data=b"x").given(
        "tls"
    )
    assert given == {"cert_data": b"x", "key_data": PEM.encode()}
    given = read(password_file="/a/path").given("login")
    assert "password" not in given


def test_a_policy_needs_no_variable_and_looks_at_the_environment(monkeypatch):
    assert SessionPolicy.from_env("NOTHING_").max_age == 86400
    monkeypatch.setenv("NOTHING_MAX_AGE", "77")
    assert SessionPolicy.from_env("NOTHING_").max_age == 77
    # What is a pool's is none of its business.
    assert SessionPolicy.from_env(environ={"EPP_SIZE": "x"}).max_age == 86400


@pytest.mark.parametrize(
    ("prefix", "environ", "error", "told"),
    [
        (None, {}, TypeError, "^prefix must be a str"),
        ("", {}, ValueError, "^prefix must not be empty"),
        ("EPP_", ["EPP_MAX_AGE=1"], TypeError, "^environ must be a mapping"),
        ("EPP_", {"EPP_MAX_AGE": 5}, TypeError, "^EPP_MAX_AGE must be a str, not int"),
    ],
)
def test_wrong_arguments_are_named(prefix, environ, error, told):
    with pytest.raises(error, match=told):
        SessionPolicy.from_env(prefix, environ=environ)


# -- secrets -----------------------------------------------------------------


def test_the_file_of_a_password_is_read_anew_at_each_login(tmp_path):
    path = tmp_path / "password"
    path.write_text("firstSecret1\n")
    settings = read({"EPP_PASSWORD": "", "EPP_PASSWORD_FILE": str(path)})
    assert b"firstSecret1<" in prepare(settings.login()).data
    path.write_bytes("sécondSecret2 \r\n".encode())
    assert "sécondSecret2 <".encode() in prepare(settings.login()).data


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "EPP_PASSWORD_FILE: cannot read '.*': No such file"),
        (b"", "EPP_PASSWORD_FILE: '.*' is empty"),
        (b"\n", "EPP_PASSWORD_FILE: '.*' is empty"),
        (b"\xffsomeSecret1", "EPP_PASSWORD_FILE: '.*' is not UTF-8"),
        (b"five5", "the password in EPP_PASSWORD_FILE must have at least 6"),
    ],
)
def test_an_unusable_file_of_a_password_is_named_and_not_quoted(
    tmp_path, content, told
):
    path = tmp_path / "password"
    if content is not None:
        path.write_bytes(content)
    settings = read({"EPP_PASSWORD": "", "EPP_PASSWORD_FILE": str(path)})
    with pytest.raises(ValueError, match="^" + told) as caught:
        settings.login()
    assert "five5" not in repr(caught.value)
    assert not isinstance(caught.value.__context__, UnicodeError)


@pytest.mark.parametrize(
    "password", ["someSecret1", "some/Secret1", "x\nsomeSecret1", "some\0Secret1"]
)
def test_a_password_in_the_place_of_its_file_is_not_shown(password):
    settings = read({"EPP_PASSWORD": "", "EPP_PASSWORD_FILE": password})
    with pytest.raises(ValueError, match=r"^EPP_PASSWORD_FILE: .*may be") as caught:
        settings.login()
    assert "Secret1" not in repr(caught.value)
    assert caught.value.__context__ is None or "Secret1" not in repr(
        caught.value.__context__
    )


def test_a_relative_path_of_a_password_is_shown_if_its_directory_is_there(
    tmp_path, monkeypatch
):
    (tmp_path / "there").mkdir()
    monkeypatch.chdir(tmp_path)
    name = str(Path("there") / "none")
    settings = read({"EPP_PASSWORD": "", "EPP_PASSWORD_FILE": name})
    with pytest.raises(ValueError, match=r"cannot read '.*none': No such file"):
        settings.login()


@pytest.mark.parametrize("name", ["CA", "CERT", "KEY"])
@pytest.mark.parametrize(
    "written",
    [PEM, PEM.replace("\n", "\\n"), base64.b64encode(PEM.encode()).decode()],
)
def test_pem_in_the_place_of_its_file_is_not_shown_and_its_variable_is_named(
    name, written
):
    variable = "EPP_{}_FILE".format(name)
    with pytest.raises(ValueError, match="holds PEM") as caught:
        EPPPool.from_env(environ={**NEEDED, variable: written}, open=False)
    told = "{} holds PEM text, not a path: use EPP_{}".format(variable, name)
    assert str(caught.value) == told
    assert caught.value.__cause__ is None or written not in repr(caught.value.__cause__)


@pytest.mark.parametrize("text", ["first\nsecond", "x" * 256])
def test_what_looks_like_no_path_is_not_shown(text):
    with pytest.raises(ValueError, match=r"^EPP_KEY_FILE: cannot read .hidden") as told:
        EPPPool.from_env(environ={**NEEDED, "EPP_KEY_FILE": text}, open=False)
    assert text not in str(told.value)


def test_an_account_that_cannot_be_one_is_named():
    with pytest.raises(ValueError, match=r"^EPP_USER must have 3 to 16 characters"):
        read({"EPP_USER": "x"}).login()
    with pytest.raises(ValueError, match=r"^EPP_PASSWORD must have at least 6"):
        read({"EPP_PASSWORD": "five5"}).login()


@pytest.mark.parametrize("name", ["USER", "LANG", "NAME"])
@pytest.mark.parametrize("character", ["\x00", "\x01", "\n", "\t", "\udcff", "\ufffe"])
def test_a_text_has_no_control_characters_and_is_utf_8(name, character):
    with pytest.raises(ValueError, match=f"^EPP_{name} must be a text without contr"):
        read({"EPP_" + name: "cli" + character + "ent"})


@pytest.mark.parametrize("name", ["PASSWORD", "KEY_PASSWORD"])
def test_a_secret_that_is_no_utf_8_is_named_and_not_shown(name):
    with pytest.raises(ValueError, match=f"^EPP_{name} must be a secret in UTF-8") as e:
        read({"EPP_" + name: "ownSecret1\udcff"})
    assert "ownSecret1" not in repr(e.value)
    assert e.value.__context__ is None


@pytest.mark.parametrize("character", ["\x00", "\x01", "\ufffe"])
def test_a_password_that_xml_cannot_express_is_named_and_not_shown(character, tmp_path):
    path = tmp_path / "password"
    path.write_bytes(("ownSecret1" + character).encode())
    for variables, named in (
        ({"EPP_PASSWORD": "ownSecret1" + character}, "EPP_PASSWORD"),
        (
            {"EPP_PASSWORD": "", "EPP_PASSWORD_FILE": str(path)},
            "the password in EPP_PASSWORD_FILE",
        ),
    ):
        with pytest.raises(ValueError, match=f"^{named} holds a character") as caught:
            EPPPool.from_env(environ={**NEEDED, **variables}, open=False)
        error = caught.value
        while error is not None:
            assert "ownSecret1" not in repr(error)
            error = error.__cause__ or error.__context__


def test_a_byte_order_mark_is_no_part_of_a_password(tmp_path):
    path = tmp_path / "password"
    path.write_bytes("ownSecret1\r\n".encode("utf-8-sig"))
    settings = read({"EPP_PASSWORD": "", "EPP_PASSWORD_FILE": str(path)})
    assert b"<pw>ownSecret1</pw>" in prepare(settings.login()).data


def test_settings_show_no_values():
    settings = read()
    assert isinstance(settings, Settings)
    assert repr(settings) == "<Settings EPP_*>"


# -- slips -------------------------------------------------------------------


def test_a_name_that_is_nearly_one_is_reported_once(caplog):
    environ = {"SLIP_IDLE_TIMOUT": "somethingSecret1", "SLIP_MAX_AGE": "7"}
    with caplog.at_level(logging.WARNING, "geventconnpool_ext"):
        for _ in range(3):
            SessionPolicy.from_env("SLIP_", environ=environ)
    assert caplog.messages == [
        "SLIP_IDLE_TIMOUT: not read; did you mean SLIP_IDLE_TIMEOUT?"
    ]


def test_a_slip_is_reported_even_if_something_is_missing(caplog):
    caplog.set_level(logging.WARNING, "geventconnpool_ext")
    with pytest.raises(ValueError, match="SLIPPED_HOST"):
        read_settings("SLIPPED_", {"SLIPPED_HOSTS": "x"}, {}, GROUPS)
    assert caplog.messages == ["SLIPPED_HOSTS: not read; did you mean SLIPPED_HOST?"]


def test_other_names_are_not_reported(caplog):
    environ = {"OWN_COLOUR": "x", "OWN_": "x", "IDLE_TIMOUT": "x", "OTHER_SIZES": "x"}
    with caplog.at_level(logging.WARNING, "geventconnpool_ext"):
        SessionPolicy.from_env("OWN_", environ=environ)
    assert caplog.messages == []
