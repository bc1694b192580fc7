"""Compile the kernel as one piece: what it calls becomes part of it, and nothing is made to be called by itself.

Numba makes every function that another one calls ready to be called from Python: it optimises it, turns it into machine code and wraps
it. Of all that only the code before optimisation is used, and optimised again as a part of the caller, once for each level of calls. That
is half of the time that compiling takes. The hooks are internal to Numba; where a version of it lacks them, compiling takes longer and
gives the same.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

_HOOKS = ("_optimize_final_module", "_finalize_final_module", "_finalize_dynamic_globals")


@contextmanager
def as_one_piece(name: str) -> Iterator[None]:
    """While this lasts only the function of this name is optimised and turned into machine code.

    Parameters
    ----------
    name
        Qualified name of the function that calls all others.
    """
    try:
        from numba import _dynfunc
        from numba.core import codegen, lowering
        from numba.core.registry import cpu_target

        library: Any = codegen.JITCodeLibrary
        lower: Any = lowering.Lower
        target: Any = cpu_target.target_context
        make_function: Callable[..., Any] = _dynfunc.make_function
        wanted = [*(hasattr(library, hook) for hook in _HOOKS), hasattr(lower, "create_cpython_wrapper"), hasattr(target, "get_executable")]
    except (ImportError, AttributeError):
        wanted = [False]
    if not all(wanted):
        yield
        return

    optimise, finish, executable = library._optimize_final_module, library._finalize_final_module, target.get_executable
    wrap, wrap_for_c = lower.create_cpython_wrapper, lower.create_cfunc_wrapper

    def optimised(self: Any) -> None:
        if self.name == name:
            optimise(self)

    def finished(self: Any) -> None:
        if self.name == name:
            finish(self)
            return
        self._finalize_dynamic_globals()
        self._finalized = True

    def wrapped(self: Any, release_gil: bool = False) -> None:
        if self.fndesc.qualname == name:
            wrap(self, release_gil)

    def wrapped_for_c(self: Any) -> None:
        if self.fndesc.qualname == name:
            wrap_for_c(self)

    def made(code: Any, function: Any, environment: Any) -> Any:
        if function.qualname == name:
            return executable(code, function, environment)
        # nobody calls it, but callers find a function by such an object
        return make_function(function.lookup_module(), function.qualname.split(".")[-1], "", 0, environment, (code,))

    library._optimize_final_module, library._finalize_final_module, target.get_executable = optimised, finished, made
    lower.create_cpython_wrapper, lower.create_cfunc_wrapper = wrapped, wrapped_for_c
    try:
        yield
    finally:
        library._optimize_final_module, library._finalize_final_module = optimise, finish
        lower.create_cpython_wrapper, lower.create_cfunc_wrapper = wrap, wrap_for_c
        del target.get_executable
