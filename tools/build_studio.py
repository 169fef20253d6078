"""Builds the pages of studio when the package is built, so that who installs the wheel needs no npm.

An editable install takes what `make studio` built, if anything: `mizzle studio` says so where it did not.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class StudioBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Runs npm in studio/ for a wheel or a source distribution; an unpacked source distribution has the pages."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build, unless this is an editable install or the pages came along."""
        del build_data
        root = Path(self.root)
        built = root / "src/mizzle/studio/assets/index.html"
        if version == "editable" or ((root / "PKG-INFO").is_file() and built.is_file()):
            return
        npm = shutil.which("npm")
        if npm is None:
            msg = "the pages of studio are built by npm, which is not here: install Node.js, then build again"
            raise RuntimeError(msg)
        for arguments in (["ci", "--silent"], ["run", "--silent", "build"]):
            subprocess.run([npm, *arguments], cwd=root / "studio", check=True)
