"""Going live: criteria, signatures, contacts, production notes."""

from __future__ import annotations

from checks.checklist.model import Drill, Fixed, Group, Line, Lines, Live, Person, Phase

_GOLIVE = "landerctl golive"


def _criterion(name: str, text: str, ids: tuple[str, ...], translated: str = "") -> Line:
    measure = f"All lines of {', '.join(one.rstrip('.') for one in ids)} hold."
    return Line(f"golive.{name}", text, Lines(ids), measure, _GOLIVE, _GOLIVE, translated)


def _signature(role: str, text: str) -> Line:
    remedy = f"landerctl signoff {role} --by NAME"
    measure = "A signature on the evidence of now; it is stale once a line that held then does not."
    return Line(f"signoff.{role}", text, Person(role), measure, remedy, _GOLIVE)


def _support(name: str, text: str, measure: str, remedy: str, translated: str = "") -> Line:
    return Line(f"support.{name}", text, Live(), measure, remedy, remedy, translated)


def _note(name: str, text: str, measure: str) -> Line:
    remedy = "landerctl note"
    return Line(f"notes.{name}", text, Live(), measure, remedy, remedy, required=False)


CRITERIA = Phase(
    "golive",
    "All of the following must be TRUE:",
    (
        Group(
            "",
            (
                _criterion(
                    "tests-passed",
                    "All pre-production tests passed",
                    ("environment.", "algorithms.", "software."),
                ),
                Line(
                    "golive.burn-in",
                    "72-hour burn-in test completed successfully",
                    Live(),
                    "{burn_in_h:g} h of training without a crash, of one run, version and "
                    "configuration; the nine lines of the burn-in's first two groups are measured, "
                    "and no line that is judged live fails.",
                    "landerctl burn-in",
                    "landerctl burn-in",
                    thresholds=("burn_in_h", "crash_free_h"),
                ),
                _criterion("curriculum", "Curriculum completes all 5 stages", ("quality.stages",)),
                _criterion("success", "Final model success rate > 65%", ("quality.success",)),
                _criterion(
                    "no-leaks",
                    "No memory leaks detected",
                    ("quality.memory", "burn-in.growth-linear", "environment.memory-flat"),
                ),
                _criterion(
                    "recovery",
                    "Backup and rollback procedures tested",
                    ("backup.", "rollback."),
                ),
                _criterion(
                    "dashboard",
                    "Monitoring dashboard operational",
                    ("before.dashboard", "start.tensorboard", "alerts."),
                ),
                Line(
                    "golive.team",
                    "Team trained on monitoring and alerts",
                    Person("team-trained"),
                    "A person says so.",
                    "landerctl signoff team-trained --by NAME",
                    _GOLIVE,
                ),
            ),
        ),
    ),
)
SIGNATURES = Phase(
    "signoff",
    "Sign-Off Required From:",
    (
        Group(
            "",
            (
                _signature("technical-lead", "Technical Lead (code review)"),
                _signature("qa", "QA Engineer (testing validation)"),
                _signature("devops", "DevOps Engineer (infrastructure ready)"),
                _signature("project-manager", "Project Manager (timeline approved)"),
            ),
        ),
    ),
)
SUPPORT = Phase(
    "support",
    "📞 Support Contacts",
    (
        Group(
            "Technical Issues",
            (
                Line(
                    "support.tensorboard",
                    "Check TensorBoard first: http://localhost:6006",
                    Lines(("start.tensorboard",)),
                    "The line start.tensorboard holds.",
                    "landerctl tensorboard",
                    "landerctl tensorboard",
                ),
                _support(
                    "logs",
                    "Review logs in `./production_logs/`",
                    "The supervisor's log and the trainer's log of the run exist and can be read.",
                    "landerctl status",
                    "The logs are in the state folder: supervisor.log and runs/RUN/trainer.log.",
                ),
                Line(
                    "support.checklist",
                    "Check this checklist for common issues",
                    Fixed(("tests/checks/checklist",), ("checks/checklist",)),
                    "The tests of the checklist pass on this machine, with the sources of now.",
                    "landerctl drill environment",
                    "landerctl checklist",
                ),
            ),
        ),
        Group(
            "Emergency Rollback",
            (
                Line(
                    "support.rollback",
                    "Follow rollback procedure above",
                    Lines(("rollback.",)),
                    "All lines of the rollback's steps hold.",
                    "landerctl drill rollback",
                    "landerctl drill rollback",
                ),
                _support(
                    "incidents",
                    "Document incident in `incidents.md`",
                    "Every incident has a cause and is closed.",
                    "landerctl incident list",
                ),
            ),
        ),
        Group(
            "Performance Questions",
            (
                Line(
                    "support.benchmarks",
                    "Compare against benchmarks in this document",
                    Lines(("benchmarks.",)),
                    "All lines of the expected figures hold.",
                    "landerctl benchmarks",
                    "landerctl benchmarks",
                ),
                Line(
                    "support.reward-guide",
                    "Check `REWARD_SYSTEM_GUIDE.md` for tuning",
                    Drill("reward", "documented"),
                    "The constants of the reward in docs/environment.md are those of the code.",
                    "landerctl drill reward",
                    "landerctl drill reward",
                    "The guide is docs/environment.md, generated from the code.",
                ),
            ),
        ),
    ),
)
NOTES = Phase(
    "notes",
    "📝 Production Notes",
    (
        Group(
            "",
            (
                _note("date", "Date Deployed", "The time of the go-live record."),
                _note("by", "Deployed By", "The user of the go-live record."),
                _note(
                    "configuration",
                    "Configuration Used",
                    "The fingerprint, and the settings that differ from the defaults.",
                ),
                _note(
                    "success-rate",
                    "Initial Success Rate",
                    "Of the newest evaluation at the time of the go-live record.",
                ),
                _note("notes", "Notes", "Free notes, each with time and author."),
            ),
        ),
    ),
)
