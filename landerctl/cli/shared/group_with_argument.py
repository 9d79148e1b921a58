"""A group of verbs that is a verb itself: `metrics time/fps` beside `metrics export`."""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperGroup

from landerctl.exitcodes import Exit
from landerctl.failure import Failure

_VERB = f"{__name__}.verb"  # in a context's meta: a verb of the group follows
_EVERYWHERE = ("home", "config")


class GroupWithArgument(TyperGroup):
    """The first word is a verb of the group, if one has this name, else the group's argument."""

    # Any: the classes of commands are inside of Typer, and not part of its interface.
    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse as a group if a verb follows, else as a verb, with options in any place."""
        if self._first_word(ctx, args) in self.commands:
            ctx.meta[_VERB] = True
        else:
            ctx.allow_interspersed_args, ctx.allow_extra_args = True, ctx.resilient_parsing
        return super().parse_args(ctx, args)

    def get_params(self, ctx: Any) -> list[Any]:
        """All parameters; in front of a verb of the group its options only."""
        found = super().get_params(ctx)
        if _VERB not in ctx.meta:
            return found
        return [one for one in found if one.param_type_name == "option"]

    def shell_complete(self, ctx: Any, incomplete: str) -> list[Any]:
        """Options; verbs are among the words of the argument, and none follows it."""
        found = super().shell_complete(ctx, incomplete)
        return [item for item in found if item.value not in self.commands]

    def _first_word(self, ctx: Any, args: list[str]) -> str | None:
        found: list[Any] = super().get_params(ctx)
        options = (one for one in found if one.param_type_name == "option")
        with_value = {flag for one in options if not one.is_flag for flag in one.opts}
        words = iter(args)
        for word in words:
            if word in with_value:
                next(words, None)
            elif not word.startswith("-"):
                return word
        return None


def verb_follows(context: typer.Context) -> bool:
    """Whether a verb of the group was called, which then does the work.

    Raises Failure for options in front of it that would be ignored.
    """
    verb = context.invoked_subcommand
    if verb is None:
        return False
    for parameter in context.command.params:
        source = context.get_parameter_source(parameter.name or "")
        if (
            parameter.name not in _EVERYWHERE
            and source is not None
            and source.name == "COMMANDLINE"
        ):
            text = f"{parameter.opts[0]} has no meaning in front of `{verb}`"
            raise Failure(f"{text}; see `{context.command_path} {verb} --help`", Exit.USAGE)
    return True
