"""The deployment files keep their promises: pinned, loopback, without secrets, and true to the programs."""

import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
COMPOSE_TEXT = (ROOT / "docker-compose.yml").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load(COMPOSE_TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
MAKEFILE = (ROOT / "Makefile").read_text()
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
ENV_FILES = sorted((ROOT / "deploy").glob("*.env"))
PAPERS = [ROOT / name for name in ("README.md", "SECURITY.md", "CONTRIBUTING.md", "CHANGELOG.md")]
LOCKS = [ROOT / "requirements.lock", ROOT / "requirements-dev.lock"]
OUR_IMAGE = f"rapid-review:{PYPROJECT['project']['version']}"
OURS = sorted(name for name, service in SERVICES.items() if "build" in service)

service_names = pytest.mark.parametrize("name", sorted(SERVICES))
our_services = pytest.mark.parametrize("name", OURS)
locks = pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)


def run(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a program of this environment, or of the machine, in the repository."""
    path = shutil.which(program, path=str(Path(sys.executable).parent)) or shutil.which(program)
    assert path, f"{program} is not installed"
    return subprocess.run([path, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)


def env_file(path: Path) -> dict[str, str]:
    """The variables an environment file sets."""
    lines = path.read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def environments() -> Iterator[tuple[str, str, str]]:
    """Every (service or file, variable, value) that the deployment files set."""
    for name, service in SERVICES.items():
        environment: Mapping[str, str] = service.get("environment", {})
        yield from ((name, variable, str(value)) for variable, value in environment.items())
    for path in ENV_FILES:
        yield from ((path.name, variable, value) for variable, value in env_file(path).items())


def locked(lock: Path) -> dict[str, Requirement]:
    """The pinned requirements of a lock file, by name."""
    heads = (line.removesuffix("\\") for line in lock.read_text().splitlines() if line[:1].isalnum())
    pins = (Requirement(head.strip()) for head in heads)
    return {canonicalize_name(pin.name): pin for pin in pins}


def test_compose_file_fits_the_compose_specification() -> None:
    """docker-compose.yml is valid by the published schema."""
    checked = run("check-jsonschema", "--builtin-schema", "vendor.compose-spec", "docker-compose.yml")
    assert checked.returncode == 0, checked.stdout


def test_dockerfile_passes_hadolint() -> None:
    """The linter of Dockerfiles has nothing to say about the Dockerfile."""
    checked = run("hadolint", "Dockerfile")
    assert (checked.returncode, checked.stdout) == (0, "")


@our_services
def test_commands_of_the_containers_exist(name: str) -> None:
    """Each container of ours starts a command that rapid-review has."""
    from typer.main import get_group

    from starter.command import app

    command, *options = SERVICES[name]["command"]
    assert command in get_group(app).commands
    assert not options, "options go in the environment, where the settings check them"


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: paper.name)
def test_commands_in_the_papers_exist(paper: Path) -> None:
    """No paper names a command that rapid-review does not have."""
    from typer.main import get_group

    from starter.command import app

    named = set(re.findall(r"(?:bin/|`|worker )rapid-review ([a-z][a-z-]+)", paper.read_text()))
    assert named <= set(get_group(app).commands)


def test_make_runs_commands_that_exist() -> None:
    """The Makefile starts only commands that rapid-review has."""
    from typer.main import get_group

    from starter.command import app

    named = set(re.findall(r"/rapid-review ([a-z-]+)", MAKEFILE))
    assert named
    assert named <= set(get_group(app).commands)


def test_variables_are_settings() -> None:
    """Every RAPID_REVIEW_ variable in the deployment files and papers is a setting of the programs."""
    from worker.settings import Settings

    known = {f"RAPID_REVIEW_{field.upper()}" for field in Settings.model_fields}
    files = [ROOT / "docker-compose.yml", ROOT / "Dockerfile", *ENV_FILES, *PAPERS]
    named = {name for file in files for name in re.findall(r"RAPID_REVIEW_[A-Z_]+", file.read_text())}
    assert named
    assert named <= known


@pytest.mark.parametrize("path", ENV_FILES, ids=lambda path: path.name)
def test_environment_files_set_what_compose_reads(path: Path) -> None:
    """An environment file sets no variable that the compose file never looks at."""
    read = set(re.findall(r"\$\{([A-Z_]+)", COMPOSE_TEXT)) | {"COMPOSE_PROFILES"}
    assert set(env_file(path)) <= read


def test_missing_values_are_refused_with_a_sentence() -> None:
    """What has no safe default is demanded, and the refusal says what to do."""
    demanded = dict(re.findall(r"\$\{([A-Z_]+):\?([^}]*)\}", COMPOSE_TEXT))
    assert set(demanded) == {"SECRETS_FOLDER", "RAPID_REVIEW_SMTP_HOST"}
    assert all(sentence.startswith(f"Set {name} ") for name, sentence in demanded.items())


def test_trial_sets_all_that_is_demanded() -> None:
    """The trial starts with its environment file alone."""
    demanded = set(re.findall(r"\$\{([A-Z_]+):\?", COMPOSE_TEXT))
    assert demanded <= {name for name, value in env_file(ROOT / "deploy/trial.env").items() if value}


def test_trial_mail_goes_to_the_trial_server_only() -> None:
    """The trial's mail host is the test mail server, and it takes no mail unencrypted."""
    trial = env_file(ROOT / "deploy/trial.env")
    host = SERVICES[trial["RAPID_REVIEW_SMTP_HOST"]]
    assert host["image"].startswith("axllent/mailpit:")
    assert host["environment"]["MP_SMTP_REQUIRE_STARTTLS"] == "true"
    assert host["environment"]["MP_SMTP_TLS_CERT"] == trial["RAPID_REVIEW_SMTP_CA_FILE"]


def test_mounted_and_copied_paths_exist() -> None:
    """What the containers mount or copy from the repository is in the repository."""
    text = re.sub(r"\$\{[A-Z_]+:-([^}]*)\}", r"\1", COMPOSE_TEXT)
    mounted = set(re.findall(r"\"(\./[^:\"]+):", text))
    copied = {
        source
        for line in re.findall(r"^COPY (?!--from)(.*) \S+$", DOCKERFILE, re.MULTILINE)
        for source in line.split()
    }
    assert mounted
    assert copied
    made_by_make = {"./var/office"}
    assert not [path for path in (mounted | copied) - made_by_make if not (ROOT / path).exists()]
    assert all(path.removeprefix("./") in MAKEFILE for path in made_by_make)


def test_image_gets_every_room_and_nothing_else() -> None:
    """The image holds exactly the packages of the wheel, and the build context lets them in."""
    rooms = set(PYPROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"])
    assert set(re.findall(r"^COPY (\w+) \./\1$", DOCKERFILE, re.MULTILINE)) == rooms
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert let_in == rooms | {"pyproject.toml", "README.md", "requirements.lock"}


@service_names
def test_ports_answer_on_this_machine_only(name: str) -> None:
    """Every published port is bound to loopback, and no service shares the host's network."""
    assert all(port.startswith("127.0.0.1:") for port in SERVICES[name].get("ports", []))
    assert "network_mode" not in SERVICES[name]


@service_names
def test_images_are_pinned(name: str) -> None:
    """Every image names the exact version it was checked with."""
    image = SERVICES[name]["image"]
    assert re.fullmatch(r"[a-z/-]+:v?\d+\.\d+(\.\d+)?", image)
    assert "auto-setup" not in image


def test_base_images_are_pinned() -> None:
    """Each stage of the Dockerfile starts from one exact Python."""
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    assert len(set(bases)) == 1
    assert re.fullmatch(r"python:3\.\d+\.\d+-slim-\w+", bases[0])


@service_names
def test_containers_gain_no_privileges_and_come_back(name: str) -> None:
    """Every container refuses new privileges; servers restart, one-shot jobs only when they fail."""
    service = SERVICES[name]
    assert "no-new-privileges:true" in service["security_opt"]
    assert service["restart"] in {"unless-stopped", "on-failure:5"}
    assert not service.get("privileged", False)


@our_services
def test_our_containers_are_locked_down(name: str) -> None:
    """Ours run as an ordinary user, on a read-only disk, without capabilities, at this version."""
    service = SERVICES[name]
    assert service["image"] == OUR_IMAGE
    assert service["user"] == "1000:1000"
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]


def test_image_does_not_run_as_root() -> None:
    """The last user the Dockerfile names is an ordinary one."""
    assert re.findall(r"^USER (\S+)$", DOCKERFILE, re.MULTILINE)[-1] == "1000:1000"


@service_names
def test_containers_wait_for_what_they_need(name: str) -> None:
    """A container waits for a healthy server or a finished job, never for one that merely started."""
    for needed, how in SERVICES[name].get("depends_on", {}).items():
        job = SERVICES[needed]["restart"] == "on-failure:5"
        assert how["condition"] == ("service_completed_successfully" if job else "service_healthy")
        assert job or SERVICES[needed]["healthcheck"]["test"]


def test_the_hooks_are_asked_for_their_health_where_they_answer() -> None:
    """The health check asks the port and the path at which the container serves."""
    service = SERVICES["serve"]
    asked = service["healthcheck"]["test"][-1]
    assert f"127.0.0.1:{service['environment']['RAPID_REVIEW_HOOKS_PORT']}/ready" in asked
    assert {"hooks", "keyring"} == set(service["secrets"])


def handed(name: str) -> dict[str, str]:
    """The environment of a service where nothing that may be left out is set."""
    values = {variable: str(value) for variable, value in SERVICES[name]["environment"].items()}
    return {variable: re.sub(r"\$\{[A-Z_]+:-([^}]*)\}", r"\1", value) for variable, value in values.items()}


def test_the_mailbox_listens_where_it_is_published_and_asked_for_its_health(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One port inside and outside, for our own mail server; started only once somebody asks for it."""
    from worker.settings import Settings

    service = SERVICES["mailbox"]
    for variable, value in (handed("mailbox") | {"RAPID_REVIEW_SMTP_HOST": "mail"}).items():
        monkeypatch.setenv(variable, value)
    settings = Settings()
    port = settings.mail_in_port
    assert service["ports"] == [f"127.0.0.1:{port}:{port}"]
    assert f"('127.0.0.1', {port})" in service["healthcheck"]["test"][-1]
    assert (settings.mail_in_host, settings.mail_in_protocol) == ("0.0.0.0", "lmtp")  # noqa: S104 - in its container
    assert (settings.imap_host, settings.imap_port, settings.imap_security) == ("", 993, "tls")
    assert service["profiles"] == ["mailbox"]


def test_every_setting_of_the_mailbox_can_be_set() -> None:
    """What opens a mailbox reaches the container, and the example names each with what it is by itself."""
    from worker.settings import Settings

    left = {"imap_inbox", "imap_done", "imap_held", "imap_poll_seconds"}
    wanted = {
        f"RAPID_REVIEW_{name.upper()}" for name in {*Settings.model_fields} - left if name.startswith("imap_")
    }
    assert wanted <= set(SERVICES["mailbox"]["environment"])
    assert wanted <= set(env_file(ROOT / "deploy/production.example.env"))


def test_the_token_lies_among_the_secrets_in_a_folder_that_make_makes() -> None:
    """A folder, since whoever renews a token puts a new file in the old one's place."""
    (mounted,) = [volume for volume in SERVICES["mailbox"]["volumes"] if volume.endswith(":/imap:ro")]
    assert mounted.startswith("${SECRETS_FOLDER:?")
    assert "}/imap:" in mounted
    assert "mkdir -p $(SECRETS)/imap" in MAKEFILE


def test_named_volumes_are_declared() -> None:
    """Every named volume in use is declared, and every declared one is in use."""
    used = {volume.split(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])}
    assert {volume for volume in used if volume[0] not in "./$"} == set(COMPOSE["volumes"])


def test_no_secret_is_written_down() -> None:
    """A variable that holds a secret is filled from outside or names a secret file."""
    secret = re.compile(r"PASSWORD|PWD|SECRET|TOKEN|KEY")
    allowed = re.compile(
        r"|\$\{[A-Z_]+:[-?][^}]*\}|/run/secrets/[a-z-]+|/certificate/[a-z-]+\.pem|(\./|/etc/)[a-z/-]+"
    )
    told = [
        (where, name)
        for where, name, value in environments()
        if secret.search(name) and not allowed.fullmatch(value)
    ]
    assert told == []
    assert not re.findall(
        r"(?i)(password|secret|token|key)\w*[=:]\s*\"?[A-Za-z0-9+]{12,}", COMPOSE_TEXT + DOCKERFILE
    )


def test_secrets_are_files_outside_the_repository() -> None:
    """Each secret is a file of the secrets folder, and git ignores the folder that make fills."""
    assert all(secret["file"].startswith("${SECRETS_FOLDER:?") for secret in COMPOSE["secrets"].values())
    assert "var/" in (ROOT / ".gitignore").read_text().splitlines()
    assert "SECRETS ?= var/" in MAKEFILE


@locks
def test_locks_name_no_place(lock: Path) -> None:
    """A lock holds versions and hashes: no registry, address or folder of some machine."""
    text = lock.read_text()
    assert not re.findall(
        r"://|--(?:extra-)?index|--find-links|^-|file:|/(?:opt|home|root|work|tmp)/", text, re.MULTILINE
    )


@locks
def test_locks_pin_every_package_by_hash(lock: Path) -> None:
    """Each requirement is one exact version with at least one hash."""
    entries = re.split(r"\n(?=\w)", lock.read_text().strip())
    assert len(entries) > len(PYPROJECT["project"]["dependencies"])
    assert all(re.match(r"[\w.-]+==\S+.*\\\n    --hash=sha256:[0-9a-f]{64}", entry) for entry in entries)


@locks
def test_locks_hold_what_the_project_asks_for(lock: Path) -> None:
    """Every dependency of pyproject.toml is locked, at a version it allows; so is what builds it."""
    asked = [*PYPROJECT["project"]["dependencies"], "hatchling", "editables"]
    if lock.name == "requirements-dev.lock":
        asked += PYPROJECT["dependency-groups"]["dev"]
    pins = locked(lock)
    for wanted in map(Requirement, asked):
        pin = pins[canonicalize_name(wanted.name)]
        (version,) = (part.version for part in pin.specifier)
        assert wanted.specifier.contains(version), f"{wanted}: run make lock"


def test_tests_run_with_the_versions_that_ship() -> None:
    """Where both locks hold a package, they hold the same version."""
    shipped, tested = map(locked, LOCKS)
    assert {name: str(pin) for name, pin in shipped.items()}.items() <= {
        name: str(pin) for name, pin in tested.items()
    }.items()


def test_make_alone_lists_every_verb() -> None:
    """`make` without a verb prints each one with what it does."""
    (verbs,) = re.findall(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)
    listed = re.findall(r"^  make (\w+) +\S", run("make").stdout, re.MULTILINE)
    assert sorted(listed) == sorted(verbs.split())


def test_cleaning_leaves_the_records() -> None:
    """`make clean` would not touch var/, where cases are kept."""
    planned = run("make", "--dry-run", "clean").stdout
    assert "rm -rf .venv" in planned
    assert not re.search(r"rm [^;\n]*\bvar\b", planned)


def test_readme_begins_with_the_two_commands() -> None:
    """Whoever opens the README sees how to try it and how to test it, on the first screen."""
    first_screen = (ROOT / "README.md").read_text().splitlines()[:40]
    assert "    make demo" in first_screen
    assert "    make test" in first_screen


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: paper.name)
def test_papers_lead_somewhere(paper: Path) -> None:
    """Every file and folder a paper links to or lists is there."""
    text = paper.read_text()
    links = [link for link in re.findall(r"\]\(([^)]+)\)", text) if "://" not in link]
    listed = re.findall(r"`((?:[a-z]+/)+(?:[\w.]+)?)`", text)
    assert not [path for path in links + listed if not path.startswith("var/") and not (ROOT / path).exists()]


def test_papers_name_verbs_that_exist() -> None:
    """No paper tells anyone to run a make verb that the Makefile does not have."""
    (verbs,) = re.findall(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)
    named = {
        verb
        for paper in PAPERS
        for verb in re.findall(r"(?:`|^    )make ([a-z]+)", paper.read_text(), re.MULTILINE)
    }
    assert named <= set(verbs.split())


def test_ci_runs_what_people_run() -> None:
    """CI is executable, stops at the first failure, and uses the README's own commands, tests last."""
    script = ROOT / ".ci/run"
    assert script.stat().st_mode & 0o111
    assert "set -euo pipefail" in script.read_text()
    assert re.findall(r"^make (\w+)$", script.read_text(), re.MULTILINE) == [
        "lint",
        "demo",
        "laws",
        "determinism",
        "peers",
        "test",
    ]


def test_decisions_are_all_listed() -> None:
    """Every decision record appears in the list of decisions, by its number."""
    folder = ROOT / "docs/decisions"
    listed = set(re.findall(r"\((\d{4}-[\w-]+\.md)\)", (folder / "README.md").read_text()))
    assert {path.name for path in folder.glob("0*.md")} == listed


@pytest.mark.parametrize("name", ["serve", "mailbox"])
def test_whose_word_on_a_sender_counts_reaches_the_programs_that_read_mail(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both take mail, and it is all held where no name gets into their container."""
    from worker.settings import Settings

    for variable in ("RAPID_REVIEW_MAIL_IN_AUTHSERV_IDS", "RAPID_REVIEW_CLAMD"):
        assert f"${{{variable}:-" in str(SERVICES[name]["environment"][variable])
        monkeypatch.setenv(variable, handed(name)[variable])
    assert Settings().mail_in_authserv_ids == ()
