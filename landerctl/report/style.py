"""The style sheet of the report in HTML: light and dark, from a phone's width to paper."""

from __future__ import annotations

# Each colour is at least 4.5 times as light or dark as its ground (WCAG 2.1, 1.4.3; a test).
LIGHT = {
    "ground": "#ffffff",
    "panel": "#f4f6f8",
    "ink": "#1b2229",
    "quiet": "#55606b",
    "line": "#d5dbe1",
    "holds": "#176b34",
    "fails": "#b3201c",
    "open": "#7a5200",
    "stale": "#6a3fa0",
}
DARK = {
    "ground": "#14181d",
    "panel": "#1e242b",
    "ink": "#e6eaee",
    "quiet": "#a3adb8",
    "line": "#39424c",
    "holds": "#6ccf8b",
    "fails": "#ff8a80",
    "open": "#f0bf5a",
    "stale": "#c3a5f5",
}


def _variables(colours: dict[str, str]) -> str:
    return " ".join(f"--{name}: {value};" for name, value in colours.items())


CSS = f"""\
:root {{ color-scheme: light dark; {_variables(LIGHT)} }}
@media (prefers-color-scheme: dark) {{ :root {{ {_variables(DARK)} }} }}
* {{ box-sizing: border-box; }}
body {{ margin: 0; background: var(--ground); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }}
header, main, footer {{ max-width: 62rem; margin: 0 auto; padding: 0 1.25rem; }}
header {{ padding-top: 2rem; }}
footer {{ padding-bottom: 3rem; color: var(--quiet); font-size: 0.875rem; }}
h1 {{ margin: 0; font-size: 1.125rem; font-weight: 600; color: var(--quiet); }}
h2 {{ margin: 2.5rem 0 0.75rem; font-size: 1.375rem; line-height: 1.25; }}
h3 {{ margin: 1.75rem 0 0.5rem; font-size: 1.0625rem; }}
p {{ margin: 0.5rem 0; max-width: 46rem; overflow-wrap: anywhere; }}
code {{ font: 0.92em ui-monospace, "DejaVu Sans Mono", monospace; }}
.verdict {{ margin: 0.5rem 0 0; font-size: 3.25rem; font-weight: 750; line-height: 1.1; }}
.go {{ color: var(--holds); }} .no-go {{ color: var(--fails); }}
.summary {{ font-size: 1.125rem; }}
.warning {{ padding: 0.75rem 1rem; background: var(--panel);
  border-left: 0.3rem solid var(--fails); }}
dl {{ display: grid; grid-template-columns: max-content 1fr; gap: 0.3rem 1.25rem; margin: 0; }}
dt {{ color: var(--quiet); }} dd {{ margin: 0; overflow-wrap: anywhere; }}
table {{ width: 100%; border-collapse: collapse; font-size: 0.9375rem; }}
caption {{ position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }}
th, td {{ padding: 0.45rem 0.75rem 0.45rem 0; text-align: left; vertical-align: top;
  border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }}
th {{ color: var(--quiet); font-weight: 600; white-space: nowrap; }}
.state {{ font-weight: 650; white-space: nowrap; }}
.short {{ white-space: nowrap; }}
.holds {{ color: var(--holds); }} .fails {{ color: var(--fails); }}
.open {{ color: var(--open); }} .stale {{ color: var(--stale); }} .none {{ color: var(--quiet); }}
figure {{ margin: 1rem 0; }}
img {{ display: block; max-width: 100%; max-height: 38rem; background: #fff;
  border-radius: 0.4rem; }}
figcaption {{ margin-top: 0.4rem; color: var(--quiet); font-size: 0.875rem; }}
@media (max-width: 40rem) {{
  .verdict {{ font-size: 2.5rem; }}
  dl {{ grid-template-columns: 1fr; gap: 0; }} dd {{ margin-bottom: 0.5rem; }}
  thead {{ position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }}
  table, tbody, tr, td {{ display: block; }}
  tr {{ padding: 0.5rem 0; border-bottom: 1px solid var(--line); }}
  td {{ padding: 0.1rem 0; border: 0; }}
  td[data-head]::before {{ content: attr(data-head) ": "; color: var(--quiet); }}
}}
@media print {{
  @page {{ margin: 16mm 14mm; }}
  :root {{ color-scheme: light; {_variables(LIGHT)} }}
  body {{ font-size: 9.5pt; }}
  header, main, footer {{ max-width: none; padding: 0; }}
  h2, h3 {{ break-after: avoid; }}
  tr, figure, .warning {{ break-inside: avoid; }}
  thead {{ display: table-header-group; }}
}}
"""
