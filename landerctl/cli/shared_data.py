"""The files of `share/`: the manual page and the completions of bash, zsh and fish.

A wheel installs them below the environment's `share/`. ``python -m landerctl.cli.shared_data``
writes them from the program's declarations.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from typer._completion_shared import get_completion_script

from landerctl.cli.man_page import render_man_page
from landerctl.program import NAME

FOLDER = Path(__file__).parents[2] / "share"
MAN_PAGE = f"man/man1/{NAME}.1"
# Where bash-completion, zsh and fish look for them below a `share/` that they know.
COMPLETIONS = {
    "bash": f"bash-completion/completions/{NAME}",
    "zsh": f"zsh/site-functions/_{NAME}",
    "fish": f"fish/vendor_completions.d/{NAME}.fish",
}
# zsh loads the file at the first TAB, and executes it as the function that completes.
FIRST_CALL = f'[[ $zsh_eval_context[-1] == loadautofunc ]] && _{NAME}_completion "$@"\n'


def render_shared_data() -> Mapping[str, str]:
    """The text of each file, by its path in `share/`."""
    found = {MAN_PAGE: render_man_page()}
    for shell, path in COMPLETIONS.items():
        script = get_completion_script(
            prog_name=NAME, complete_var=f"_{NAME.upper()}_COMPLETE", shell=shell
        )
        found[path] = f"{script}\n{FIRST_CALL if shell == 'zsh' else ''}"
    return found


if __name__ == "__main__":
    for path, text in render_shared_data().items():
        (FOLDER / path).parent.mkdir(parents=True, exist_ok=True)
        (FOLDER / path).write_text(text, encoding="utf-8")
