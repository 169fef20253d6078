"""docs/ci.md, action.yml and .pre-commit-hooks.yaml: what they run is run, as the servers run it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import pytest
import yaml

from documents import blocks
from projects import Project, execute, project

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
FILES = {block.comment.removeprefix("in "): block.text for block in blocks(PAGE)}
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
GH = """#!{python}
import json, pathlib, sys
arguments = sys.argv[1:]
folder = pathlib.Path(__file__).parent
body = next((a.removeprefix("body=@") for a in arguments if a.startswith("body=@")), None)
said = dict(arguments=arguments, body=body and pathlib.Path(body).read_text())
with (folder / "calls").open("a") as calls:
    print(json.dumps(said), file=calls)
if "--jq" in arguments:
    print((folder / "comments").read_text(), end="")
"""


def test_each_block_of_the_page_is_a_file_that_a_test_uses() -> None:
    read_here = {".github/workflows/migrations.yml", ".gitlab-ci.yml", ".pre-commit-config.yaml", "plan.sh"}
    assert set(FILES) == read_here
    assert PAGE.count("\n```") == 2 * len(FILES)


@pytest.fixture
def branch(tmp_path: Path) -> Project:
    """A checkout whose branch has one migration more than `main`: written by hand, it builds an index."""
    made = project(tmp_path / "checkout", "CREATE TABLE people (id int PRIMARY KEY, age int)")
    made.run("generate", "first")
    git(made.folder, "init", "--quiet", "--initial-branch", "main")
    commit(made)
    made.schema("CREATE TABLE people (id int PRIMARY KEY, age int)", "CREATE INDEX people_age_idx ON people (age)")
    made.run("generate", "--custom", "second")
    made.write(
        made.ids()[1],
        up="-- step 1: transaction\nCREATE INDEX people_age_idx ON public.people (age);\n",
        down="-- step 1: transaction\nDROP INDEX public.people_age_idx;\n",
    )
    made.run("rebase")
    git(made.folder, "switch", "--quiet", "--create", "branch")
    commit(made)
    return made


def git(folder: Path, *arguments: str) -> str:
    who = ("-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false")
    return subprocess.run(
        ["git", *who, *arguments], cwd=folder, check=True, stdout=subprocess.PIPE, encoding="utf-8"
    ).stdout.strip()


def commit(made: Project) -> None:
    git(made.folder, "add", ".")
    git(made.folder, "commit", "--quiet", "--message", "more")


def bash(
    script: str, folder: Path, env: dict[str, str], *, before: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a script as runners do; programs in `before` come first."""
    path = [*([str(before)] if before else []), str(Path(sys.executable).parent), os.environ["PATH"]]
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
        cwd=folder,
        env={**os.environ, "PATH": os.pathsep.join(path), **env},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


class Runner:
    """GitHub's: runs the steps of action.yml for a pull request, with a `gh` that notes what it is asked."""

    def __init__(self, checkout: Path, folder: Path, base: str) -> None:
        folder.mkdir()
        self.checkout, self.folder = checkout, folder
        self.inputs = {name: str(each["default"]) for name, each in ACTION["inputs"].items()}
        self.inputs |= {"base": base, "token": "secret"}
        self.comments("")
        (folder / "gh").write_text(GH.replace("{python}", sys.executable), encoding="utf-8")
        (folder / "gh").chmod(0o755)

    def comments(self, ids: str) -> None:
        """Say which comments of ours there are, and forget what was asked."""
        (self.folder / "comments").write_text(ids, encoding="utf-8")
        (self.folder / "calls").write_text("", encoding="utf-8")

    def run(self) -> list[subprocess.CompletedProcess[str]]:
        """Run the steps: those that follow one that failed only where they say so."""
        ran: list[subprocess.CompletedProcess[str]] = []
        for step in ACTION["runs"]["steps"]:
            assert step["shell"] == "bash"
            goes_on = "!cancelled()" in step.get("if", "")
            if not goes_on and any(each.returncode for each in ran):
                continue
            env = {name: self.value(text) for name, text in step["env"].items()}
            env |= {"RUNNER_TEMP": str(self.folder), "GITHUB_REPOSITORY": "me/shop"}
            env |= {"GITHUB_WORKSPACE": str(self.checkout), "GITHUB_STEP_SUMMARY": str(self.folder / "summary")}
            where = self.checkout / self.value(step.get("working-directory", "."))
            ran.append(bash(step["run"], where, env, before=self.folder))
        return ran

    def value(self, text: str) -> str:
        """Return what an expression is for this pull request."""
        if (found := re.fullmatch(r"\$\{\{ inputs\.(\w+) \}\}", text)) is not None:
            return self.inputs[found[1]]
        return "7" if text == "${{ github.event.pull_request.number }}" else text

    @property
    def calls(self) -> list[dict[str, Any]]:
        """What gh was asked."""
        return [json.loads(line) for line in (self.folder / "calls").read_text(encoding="utf-8").splitlines()]


def test_the_action_annotates_and_comments_on_a_pull_request(branch: Project, tmp_path: Path) -> None:
    second = branch.ids()[1]
    runner = Runner(branch.folder, tmp_path / "runner", git(branch.folder, "rev-parse", "main"))
    installed, checked, shown, commented = runner.run()
    assert (installed.returncode, installed.stderr) == (0, "")
    assert checked.returncode == 1
    assert f"::error file=migrations/{second}/up.sql,line=2,col=1,title=mizzle%3A blocking-build::" in checked.stdout
    assert (shown.returncode, shown.stderr) == (0, "")
    assert (commented.returncode, commented.stderr) == (0, "")
    summary = (runner.folder / "summary").read_text(encoding="utf-8")
    assert summary.startswith("<!-- mizzle -->\n\n### 1 new migration\n")
    listed, posted = runner.calls
    assert "repos/me/shop/issues/7/comments" in listed["arguments"]
    assert posted["arguments"][:5] == ["api", "--silent", "--method", "POST", "repos/me/shop/issues/7/comments"]
    assert posted["body"] == summary


def test_the_action_writes_its_comment_anew(branch: Project, tmp_path: Path) -> None:
    runner = Runner(branch.folder, tmp_path / "runner", "main")
    runner.comments("41\n")
    runner.inputs["base"] = "HEAD"
    *_, commented = runner.run()
    assert commented.returncode == 0
    _, patched = runner.calls
    assert patched["arguments"][:5] == ["api", "--silent", "--method", "PATCH", "repos/me/shop/issues/comments/41"]
    assert "### no new migrations" in patched["body"]
    runner.comments("")
    runner.run()
    assert len(runner.calls) == 1


def test_the_workflow_gives_the_action_what_it_takes() -> None:
    workflow = yaml.safe_load(FILES[".github/workflows/migrations.yml"])
    (used,) = [each for each in workflow["jobs"]["check"]["steps"] if "/mizzle@" in each.get("uses", "")]
    assert set(used["with"]) <= set(ACTION["inputs"])
    assert workflow["permissions"]["pull-requests"] == "write"
    table = re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE)
    assert table == list(ACTION["inputs"])


class Notes(BaseHTTPRequestHandler):
    """GitLab's API, as far as notes go: remembers what was posted."""

    posted: list[tuple[str, str, str]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.posted.append((self.path, self.headers["PRIVATE-TOKEN"], parse_qs(body)["body"][0]))
        self.send_response(201)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as the class calls it
        """Say nothing."""


@pytest.fixture
def api() -> Iterator[str]:
    Notes.posted = []
    with HTTPServer(("127.0.0.1", 0), Notes) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/api/v4"
        server.shutdown()
        thread.join()


def test_gitlab_gets_a_report_and_a_note(branch: Project, tmp_path: Path, api: str) -> None:
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", "--depth", "1", "--branch", "branch", f"file://{branch.folder}", str(clone))
    job = yaml.safe_load(FILES[".gitlab-ci.yml"])["migrations"]
    env = {
        "CI_PROJECT_DIR": str(clone),
        "CI_MERGE_REQUEST_DIFF_BASE_SHA": git(branch.folder, "rev-parse", "main"),
        "CI_API_V4_URL": api,
        "CI_PROJECT_ID": "3",
        "CI_MERGE_REQUEST_IID": "7",
    }
    ran = bash("\n".join(job["script"]), clone, env)
    assert ran.returncode == 1, ran.stderr
    (issue,) = json.loads((clone / job["artifacts"]["reports"]["codequality"]).read_text(encoding="utf-8"))
    assert issue["location"]["path"] == f"migrations/{branch.ids()[1]}/up.sql"
    assert "lint  " in ran.stderr
    (plan,) = job["artifacts"]["paths"]
    text = (clone / plan).read_text(encoding="utf-8")
    assert "### 1 new migration" in text
    assert bash("\n".join(job["after_script"]), clone, env).returncode == 0
    assert Notes.posted == []
    after = bash("\n".join(job["after_script"]), clone, env | {"MIZZLE_TOKEN": "secret"})
    assert (after.returncode, after.stderr) == (0, "")
    assert Notes.posted == [("/api/v4/projects/3/merge_requests/7/notes", "secret", text)]


def test_a_plan_for_a_database(branch: Project, database: str) -> None:
    execute(database, "SELECT 1")
    ran = bash(FILES["plan.sh"], branch.folder, {"DATABASE_URL": database})
    assert ran.returncode == 0, ran.stderr
    assert "### 2 migrations pending" in (branch.folder / "plan.md").read_text(encoding="utf-8")


def test_the_hook_of_the_environment_that_is_there(branch: Project, tmp_path: Path) -> None:
    """pre-commit itself runs it, from a repository that holds the hooks."""
    hooks = repository_of_hooks(tmp_path / "hooks", sources=False)
    write_config(branch, hooks, {"id": "mizzle-check-here"})
    ran = pre_commit(branch, tmp_path)
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert re.search(r"check the migrations\.+Failed", ran.stdout)
    assert "blocking-build" in ran.stdout
    (branch.folder / "mizzle.toml").write_text('models = "schema.sql"\nlint.ignore = ["blocking-build"]\n')
    git(branch.folder, "add", ".")
    ran = pre_commit(branch, tmp_path)
    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.mark.skipif("MIZZLE_TEST_FUZZ" not in os.environ, reason="it installs all: make fuzz")
def test_the_hook_in_an_environment_of_its_own(branch: Project, tmp_path: Path) -> None:
    """pre-commit installs Mizzle from its sources, without npm: the pages of studio are no part of a hook."""
    hooks = repository_of_hooks(tmp_path / "hooks", sources=True)
    (given,) = yaml.safe_load(FILES[".pre-commit-config.yaml"])["repos"][0]["hooks"]
    write_config(branch, hooks, given)
    ran = pre_commit(branch, tmp_path, before=without_npm(tmp_path / "bin"))
    if any(text in ran.stdout for text in ("No matching distribution found", "NewConnectionError")):
        stop = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        stop(f"pip cannot install what the hook depends on: {ran.stdout[-2000:]}")
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert "blocking-build" in ran.stdout
    assert "ok    2 migrations, whole and in one line" in ran.stdout


def without_npm(folder: Path) -> Path:
    """Hide npm: a folder with all the other programs that there are."""
    folder.mkdir()
    for place in map(Path, os.environ["PATH"].split(os.pathsep)):
        for program in place.iterdir() if place.is_dir() else ():
            if program.name != "npm" and not (folder / program.name).is_symlink():
                (folder / program.name).symlink_to(program)
    return folder


def repository_of_hooks(folder: Path, *, sources: bool) -> Path:
    """Make a repository like this one, with the tag that the page names."""
    folder.mkdir()
    names = [".pre-commit-hooks.yaml", *(("pyproject.toml", "README.md", "LICENSE") if sources else ())]
    for name in names:
        shutil.copy(ROOT / name, folder)
    if sources:
        left_out = shutil.ignore_patterns("__pycache__", "assets")
        shutil.copytree(ROOT / "src", folder / "src", ignore=left_out)
        (folder / "tools").mkdir()
        shutil.copy(ROOT / "tools" / "build_studio.py", folder / "tools")
    git(folder, "init", "--quiet")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message", "hooks")
    git(folder, "tag", tag())
    return folder


def tag() -> str:
    return str(yaml.safe_load(FILES[".pre-commit-config.yaml"])["repos"][0]["rev"])


def write_config(made: Project, hooks: Path, hook: dict[str, Any]) -> None:
    assert hook["id"] in {each["id"] for each in HOOKS}
    config = {"repos": [{"repo": str(hooks), "rev": tag(), "hooks": [hook]}]}
    (made.folder / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    git(made.folder, "add", ".")


def pre_commit(made: Project, folder: Path, *, before: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run the hooks on what changed since `main`; with `before`, no other programs than those in it are there."""
    env = {**os.environ, "PRE_COMMIT_HOME": str(folder / "pre-commit"), "GIT_CONFIG_COUNT": "0"}
    env["PATH"] = str(before) if before else os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return subprocess.run(
        [sys.executable, "-m", "pre_commit", "run", "--all-files", "--verbose"],
        cwd=made.folder,
        env=env,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
