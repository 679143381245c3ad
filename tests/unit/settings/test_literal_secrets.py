"""Secrets in the files are refused, wherever they stand, and no format prints them; the tokens here are made up."""

from pathlib import Path

import pytest

from reports.errors import ConfigError
from reports.settings.literal_secrets import masked
from reports.settings.loader import check, load
from reports.settings.problems import as_codequality, as_json, as_text
from tests.unit.settings.config_folders import EXAMPLE, MEASURES, config_folder

GITLAB_TOKEN = "glpat-" + "Zk3vTq9LmPx2Rw7BnHs4"
ROUTABLE_TOKEN = "glpat-" + "Zk3vTq9LmPx2Rw7BnHs4aGtr" + ".01." + "0z1x2c3v4"
ZENDESK_TOKEN = "hT5kQ2wZ8rXn" + "V4bYp7mLc9Js3dGf6AuE1oKi"
HEXADECIMAL = "9f86d081884c7d65" * 4
PRIVATE_KEY = "-----BEGIN RSA " + "PRIVATE KEY-----\nMIIEpAIBAAKCAQEA7/Zk3v\n-----END RSA PRIVATE KEY-----"


@pytest.mark.parametrize("secret", [GITLAB_TOKEN, ROUTABLE_TOKEN, ZENDESK_TOKEN, HEXADECIMAL, PRIVATE_KEY])
@pytest.mark.parametrize("text", ["a: {}\n", "a: 1 # {}\n", "a: 'Bearer {}'\n", "? {}\n: 1\n", "a: [{}\n"])
def test_masked__secret_in_a_text(secret: str, text: str) -> None:
    written = text.replace("{}", secret)
    found = masked("x.yml", written.encode())
    assert [problem.code for problem in found.problems] == ["literal-secret"]
    assert found.problems[0].line == 1
    assert found.problems[0].column == written.index(secret) + 1
    assert secret not in found.content.decode()
    assert len(found.content.decode()) == len(written)


def test_masked__credentials_in_an_address() -> None:
    found = masked("x.yml", b"url: https://bot:opensesame@gitlab.example.com/x\n")
    assert found.content == b"url: https://xxxxxxxxxxxxxx@gitlab.example.com/x\n"


def test_masked__a_byte_that_is_not_utf8_stays() -> None:
    found = masked("x.yml", b"a: \xe9 " + GITLAB_TOKEN.encode())
    assert found.content == b"a: \xe9 " + b"x" * len(GITLAB_TOKEN)
    assert found.problems[0].column == 6


def test_masked__the_example_holds_no_secret() -> None:
    for path in sorted(EXAMPLE.glob("*")):
        if path.is_file():
            assert masked(path.name, path.read_bytes()).problems == ()


@pytest.mark.parametrize(
    "text",
    [
        "project: acme/support/support-team-meta-2026",
        "name: uncounted_weeks_that_reset_the_run_of_somebody",
        "email: maximiliana.featherstonehaugh-42@support.example.com",
        "# 2026-06-22, 2026-W26, see https://gitlab.example.com/acme/support/-/issues/12#note_34",
        "title: Week ending {week_end} newly merged Support Team Contributions",
        "time_zone: America/Argentina/ComodRivadavia",
    ],
)
def test_masked__ordinary_text_stays(text: str) -> None:
    assert masked("x.yml", text.encode()).problems == ()


@pytest.mark.parametrize(
    "key",
    ["token", "secret", "password", "private_token", "client_secret", "api_key", "ZENDESK_TOKEN", "gitlab-token", "credentials"],
)
def test_check__key_that_names_a_secret(key: str, tmp_path: Path) -> None:
    folder = config_folder(tmp_path)
    with (folder / "sources.yml").open("a") as file:
        file.write(f"  {key}: opensesame\n")
    problems = [problem for problem in check(folder, MEASURES) if problem.severity == "error"]
    assert [problem.code for problem in problems] == ["literal-secret"]
    assert "opensesame" not in str(problems[0])


@pytest.mark.parametrize("place", ["    level: {}\n", "    {}: 1\n", "    - {}\n", "  {}: 1\n  {}: 2\n", "    start_date: {}\n"])
@pytest.mark.parametrize("secret", [GITLAB_TOKEN, ZENDESK_TOKEN * 3])
def test_check__never_prints_a_secret(place: str, secret: str, tmp_path: Path) -> None:
    folder = config_folder(tmp_path)
    with (folder / "team.yml").open("a") as file:
        file.write(place.replace("{}", secret))
    problems = check(folder, MEASURES)
    with pytest.raises(ConfigError) as caught:
        load(folder, MEASURES)
    printed = as_text(problems) + as_json(problems) + as_codequality(problems) + str(caught.value)
    assert "literal-secret" in printed
    assert secret[:12] not in printed
    assert secret[-8:] not in printed
