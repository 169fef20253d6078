"""The pages of the commands below `Help`."""

from __future__ import annotations

from mizzle.cli.pages.page import Page

HELPING = {
    "help": Page(
        arguments={"COMMAND": "Without it, it is the page of mizzle itself."},
        exits={0: "printed", 2: "there is no such command"},
        examples={"Of a command": "mizzle help migrate"},
        see=("docs/commands.md",),
    ),
    "schema": Page(
        arguments={"COMMAND": "Without it, it is the schema of all, each under $defs by its name."},
        exits={0: "printed", 2: "there is no such command"},
        examples={
            "Of a command": "mizzle schema status",
            "Of all, into a file": "mizzle schema > mizzle.schema.json",
        },
        see=("docs/json.md",),
    ),
    "completion": Page(
        arguments={"SHELL": "bash, zsh or fish."},
        exits={0: "printed", 2: "wrong use"},
        examples={
            "In ~/.bashrc": 'eval "$(mizzle completion bash)"',
            "In ~/.zshrc": 'eval "$(mizzle completion zsh)"',
            "For fish": "mizzle completion fish > ~/.config/fish/completions/mizzle.fish",
        },
        see=("docs/commands.md",),
    ),
}
