"""`landerctl runs` and its verbs."""

from __future__ import annotations

import typer

from landerctl.cli.commands.compare.runs import (
    compare,
    diff,
    labels,
    list_,
    note,
    remove,
    show,
    switch,
)

app = typer.Typer(
    help="List, name, tag, compare, archive and remove the runs of this state folder.",
    epilog=list_.EXAMPLES,
    invoke_without_command=True,
)
app.callback(invoke_without_command=True)(list_.list_)
app.command("list", epilog=list_.EXAMPLES)(list_.list_)
app.command("show", epilog=show.EXAMPLES)(show.show)
app.command("rename", epilog=labels.RENAME_EXAMPLES)(labels.rename)
app.command("tag", epilog=labels.TAG_EXAMPLES)(labels.tag)
app.command("note", epilog=note.EXAMPLES)(note.note)
app.command("compare", epilog=compare.EXAMPLES)(compare.compare_runs)
app.command("diff", epilog=diff.EXAMPLES)(diff.diff)
app.command("archive", epilog=labels.ARCHIVE_EXAMPLES)(labels.archive)
app.command("unarchive", epilog=labels.UNARCHIVE_EXAMPLES)(labels.unarchive)
app.command("rm", epilog=remove.EXAMPLES)(remove.remove)
app.command("switch", epilog=switch.EXAMPLES)(switch.switch)
