"""The code of the C file: constants, the forward pass, and a main() to try it."""

from __future__ import annotations

import textwrap

import numpy as np
import numpy.typing as npt

from daemon.trainer.export.formats.c99.names import FUNCTION, MACRO, prototype
from daemon.trainer.export.layers import ExportedPolicy

_WIDTH = 100

_MAIN = """\
#ifdef {macro}_MAIN
#include <stdio.h>
#include <string.h>

int main(int argc, char *argv[])
{{
    float observation[{observations}];
    float action[{actions}];
    const int binary = argc == 2 && strcmp(argv[1], "binary") == 0;

    if (argc > 1 && !binary) {{
        fprintf(stderr, "usage: %s [binary] < observations > actions\\n", argv[0]);
        return 2;
    }}
    for (;;) {{
        int count = 0;
        if (binary) {{
            count = (int)fread(observation, sizeof observation[0], {observations}, stdin);
        }} else {{
            while (count < {observations} && scanf("%f", &observation[count]) == 1) {{
                ++count;
            }}
        }}
        if (count == 0 && feof(stdin)) {{
            return 0;
        }}
        if (count < {observations}) {{
            fprintf(stderr, "%s: got %d of {observations} numbers\\n", argv[0], count);
            return 1;
        }}
        {function}(observation, action);
        if (binary) {{
            fwrite(action, sizeof action[0], {actions}, stdout);
        }} else {{
            for (count = 0; count < {actions}; ++count) {{
                printf("%.9g%c", (double)action[count], count < {actions} - 1 ? ' ' : '\\n');
            }}
        }}
        if (fflush(stdout) != 0) {{
            perror(argv[0]);
            return 1;
        }}
    }}
}}
#endif
"""


def c_source(policy: ExportedPolicy, comment: str) -> str:
    """The file's text, after its leading comment.

    Raises ValueError for a policy with numbers that are not finite.
    """
    return "\n".join(
        [
            comment,
            "#include <math.h>",
            "",
            *_constants(policy),
            f"{prototype(policy)};",
            "",
            *_definition(policy),
            "",
            _MAIN.format(
                function=FUNCTION,
                macro=MACRO,
                observations=policy.n_observations,
                actions=policy.n_actions,
            ),
        ]
    )


def _constants(policy: ExportedPolicy) -> list[str]:
    """The arrays. A mean is the sum of two floats, since some observations hardly vary."""
    normalizer = policy.normalizer
    high = normalizer.mean.astype(np.float32)
    low = (normalizer.mean - high).astype(np.float32)
    lines = [
        "/* Normalizer: (x - MEAN - MEAN_LOW) * SCALE. A mean is the sum of two floats: where an",
        " * observation hardly varies, one would lose its deviations. */",
        *_array("MEAN", high),
        *_array("MEAN_LOW", low),
        *_array("SCALE", (1.0 / normalizer.deviation).astype(np.float32)),
    ]
    for number, layer in enumerate(policy.layers, start=1):
        lines.append(f"/* Layer {number}: WEIGHT_{number}[input][output] */")
        lines += _array(f"WEIGHT_{number}", layer.weight.T)
        lines += _array(f"BIAS_{number}", layer.bias)
    return lines


def _definition(policy: ExportedPolicy) -> list[str]:
    inputs = policy.n_observations
    hidden = range(1, len(policy.layers))
    lines = [
        f"{prototype(policy)}",
        "{",
        f"    float layer_0[{inputs}];",
        *(f"    float layer_{k}[{policy.layers[k - 1].bias.size}];" for k in hidden),
        "    int i;",
        "    int o;",
        "",
        f"    for (i = 0; i < {inputs}; ++i) {{",
        "        const float scaled = ((observation[i] - MEAN[i]) - MEAN_LOW[i]) * SCALE[i];",
        f"        layer_0[i] = {_clipped('scaled', np.float32(policy.normalizer.clip))};",
        "    }",
    ]
    for number, layer in enumerate(policy.layers, start=1):
        last = number == len(policy.layers)
        here, before = "action" if last else f"layer_{number}", f"layer_{number - 1}"
        outputs, inputs = layer.weight.shape
        lines += [
            "",
            f"    for (o = 0; o < {outputs}; ++o) {{",
            f"        {here}[o] = BIAS_{number}[o];",
            "    }",
            f"    for (i = 0; i < {inputs}; ++i) {{",
            f"        for (o = 0; o < {outputs}; ++o) {{",
            f"            {here}[o] += WEIGHT_{number}[i][o] * {before}[i];",
            "        }",
            "    }",
            f"    for (o = 0; o < {outputs}; ++o) {{",
            f"        {here}[o] = {_limited(policy.output if last else policy.activation, here)};",
            "    }",
        ]
    return [*lines, "}"]


def _limited(how: str, array: str) -> str:
    """The expression of an activation or an output's limit; a NaN stays one."""
    value = f"{array}[o]"
    match how:
        case "tanh":
            return f"tanhf({value})"
        case "relu":
            return f"{value} < 0.0f ? 0.0f : {value}"
        case _:
            return _clipped(value, np.float32(1.0))


def _clipped(value: str, limit: np.float32) -> str:
    number = _number(limit)
    return f"{value} < -{number} ? -{number} : ({value} > {number} ? {number} : {value})"


def _array(name: str, values: npt.NDArray[np.float32]) -> list[str]:
    """A constant of 1 or 2 dimensions. Raises ValueError for numbers that are not finite."""
    if not np.isfinite(values).all():
        raise ValueError(f"{name}: has numbers that are not finite; the policy cannot be exported")
    shape = "".join(f"[{size}]" for size in values.shape)
    if values.ndim == 2:
        texts = [f"    {{\n{_wrapped(row, 8)}\n    }}," for row in values]
    else:
        texts = [_wrapped(values, 4)]
    return [f"static const float {name}{shape} = {{", *texts, "};", ""]


def _wrapped(row: npt.NDArray[np.float32], indent: int) -> str:
    text = " ".join(f"{_number(value)}," for value in row)
    left = " " * indent
    return textwrap.fill(
        text, _WIDTH, initial_indent=left, subsequent_indent=left, break_on_hyphens=False
    )


def _number(value: np.float32) -> str:
    """Exactly this number: C99 promises it of hexadecimal constants only."""
    mantissa, _, exponent = float(value).hex().partition("p")
    return f"{mantissa.rstrip('0').rstrip('.') if '.' in mantissa else mantissa}p{exponent}f"
