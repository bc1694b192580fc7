"""The vocabulary of :mod:`simsme.arithmetic` for one number at a time, as Numba compiles it: no branches, the same bits as on arrays."""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

from simsme.engine.sums import CHUNK, SUMMANDS

_FLOAT, _INT, _WORD = ir.DoubleType(), ir.IntType(64), types.uint64


def _plain(signature: Any, build: Any) -> Any:
    """An operation that is one or a few machine instructions: a signature and how they are put together."""

    def code(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return build(builder, *arguments)

    return signature, code


@intrinsic
def select(_typing: Any, _flag: Any, _left: Any, _right: Any) -> Any:
    """One of two numbers."""
    return _plain(types.float64(types.boolean, types.float64, types.float64), lambda b, c, x, y: b.select(c, x, y))


@intrinsic
def select_flag(_typing: Any, _flag: Any, _left: Any, _right: Any) -> Any:
    """One of two flags."""
    return _plain(types.boolean(types.boolean, types.boolean, types.boolean), lambda b, c, x, y: b.select(c, x, y))


@intrinsic
def least(_typing: Any, _left: Any, _right: Any) -> Any:
    """The smaller of two numbers."""
    return _plain(types.float64(types.float64, types.float64), lambda b, x, y: b.select(b.fcmp_ordered("<", x, y), x, y))


@intrinsic
def most(_typing: Any, _left: Any, _right: Any) -> Any:
    """The larger of two numbers."""
    return _plain(types.float64(types.float64, types.float64), lambda b, x, y: b.select(b.fcmp_ordered(">", x, y), x, y))


@intrinsic
def both(_typing: Any, _left: Any, _right: Any) -> Any:
    """And, without a branch."""
    return _plain(types.boolean(types.boolean, types.boolean), lambda b, x, y: b.and_(x, y))


@intrinsic
def either(_typing: Any, _left: Any, _right: Any) -> Any:
    """Or, without a branch."""
    return _plain(types.boolean(types.boolean, types.boolean), lambda b, x, y: b.or_(x, y))


@intrinsic
def no(_typing: Any, _flag: Any) -> Any:
    """Not."""
    return _plain(types.boolean(types.boolean), lambda b, x: b.not_(x))


@intrinsic
def wide(_typing: Any) -> Any:
    """Ask for the widest instructions of the processor in the function that says so, which is then not merged into its callers.

    Compilers shy away from them for code that uses them now and then; a loop that does nothing else is half as fast again with them.
    """

    def code(context: Any, builder: Any, _signature: Any, _arguments: Any) -> Any:
        attributes = builder.function.attributes
        attributes.add("noinline")
        set.add(attributes, '"prefer-vector-width"="512"')  # llvmlite knows the names of flags only, not of settings
        return context.get_dummy_value()

    return types.void(), code


@intrinsic
def borrowed(_typing: Any, record: Any) -> Any:
    """A record whose arrays are not counted as used: whoever calls keeps them, and counting costs more than many a loop here."""

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        value = arguments[0]
        for position, kind in enumerate(signature.return_type):
            if isinstance(kind, types.Array):
                array = context.make_array(kind)(context, builder, builder.extract_value(value, position))
                array.meminfo = ir.Constant(array.meminfo.type, None)
                array.parent = ir.Constant(array.parent.type, None)
                value = builder.insert_value(value, array._getvalue(), position)
        return value

    return record(record), code


def _unary(name: str) -> Any:
    def build(builder: Any, x: Any) -> Any:
        return builder.call(builder.module.declare_intrinsic(f"llvm.{name}", [_FLOAT]), [x])

    return _plain(types.float64(types.float64), build)


@intrinsic
def floor(_typing: Any, _number: Any) -> Any:
    """Largest whole number that is not larger."""
    return _unary("floor")


@intrinsic
def rint(_typing: Any, _number: Any) -> Any:
    """Nearest whole number."""
    return _unary("rint")


@intrinsic
def sqrt(_typing: Any, _number: Any) -> Any:
    """Square root."""
    return _unary("sqrt")


@intrinsic
def bits_of(_typing: Any, _number: Any) -> Any:
    """The bits of a number."""
    return _plain(types.int64(types.float64), lambda b, x: b.bitcast(x, _INT))


@intrinsic
def number_of(_typing: Any, _bits: Any) -> Any:
    """The number with these bits."""
    return _plain(types.float64(types.int64), lambda b, x: b.bitcast(x, _FLOAT))


@intrinsic
def whole(_typing: Any, _number: Any) -> Any:
    """A whole number as an integer."""
    return _plain(types.int64(types.float64), lambda b, x: b.fptosi(x, _INT))


@intrinsic
def as_float(_typing: Any, _integer: Any) -> Any:
    """An integer as a number."""
    return _plain(types.float64(types.int64), lambda b, x: b.sitofp(x, _FLOAT))


@intrinsic
def signed(_typing: Any, _word: Any) -> Any:
    """The same bits as a signed integer."""
    return _plain(types.int64(types.uint64), lambda b, x: x)


@intrinsic
def add_up(_typing: Any, sums: Any, _weights: Any, _from_weight: Any, numbers: Any, _from_number: Any) -> Any:
    """Put the weighted partial sums of a row into the first places of ``sums``: those of :func:`simsme.engine.sums.partial_sums`.

    All summands are added in one instruction, which compilers do not find by themselves.
    """

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        eight = ir.VectorType(_FLOAT, SUMMANDS)

        def part(array: int, index: Any) -> Any:
            place = _place(context, builder, signature.args[array], arguments[array], index)
            return builder.bitcast(place, eight.as_pointer())

        total = ir.Constant(eight, [0.0] * SUMMANDS)
        for begin in range(0, CHUNK, SUMMANDS):
            step = ir.Constant(_INT, begin)
            weight, number = (builder.load(part(array, builder.add(arguments[array + 1], step)), align=8) for array in (1, 3))
            total = builder.fadd(total, builder.fmul(number, weight))
        builder.store(total, part(0, ir.Constant(_INT, 0)), align=8)
        return context.get_dummy_value()

    return types.void(sums, sums, types.uint64, numbers, types.uint64), code


@intrinsic
def others(_typing: Any, numbers: Any, _index: Any, _number: Any) -> Any:
    """Which of the next :data:`~simsme.engine.sums.SUMMANDS` numbers of an array are not a given one: a bit for each, the first lowest."""

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        eight = ir.VectorType(_FLOAT, SUMMANDS)
        place = builder.bitcast(_place(context, builder, signature.args[0], arguments[0], arguments[1]), eight.as_pointer())
        found = builder.load(place, align=8)
        given = ir.Constant(eight, ir.Undefined)
        for lane in range(SUMMANDS):
            given = builder.insert_element(given, arguments[2], ir.Constant(ir.IntType(32), lane))
        bits = builder.bitcast(builder.fcmp_unordered("!=", found, given), ir.IntType(SUMMANDS))
        return builder.zext(bits, _INT)

    return types.uint64(numbers, types.uint64, types.float64), code


@intrinsic
def lowest(_typing: Any, _bits: Any) -> Any:
    """Place of the lowest bit that is set; there has to be one."""

    def build(builder: Any, bits: Any) -> Any:
        return builder.cttz(bits, ir.Constant(ir.IntType(1), 1))

    return _plain(types.uint64(types.uint64), build)


ROWS = ("common", "own", "after", "books", "booked", "marks", "work", "terms", "reach")
"""Arrays of rows. They never overlap, which the compiler cannot know and is told, or it would not pack instructions."""


def _scopes(module: Any, name: str) -> dict[str, Any]:
    """What an access to one of the arrays says about the others."""
    domain = module.add_metadata(["rows"])
    scopes = {array: module.add_metadata([array, domain]) for array in ROWS}
    others = [scope for array, scope in scopes.items() if array != name]
    return {"alias.scope": module.add_metadata([scopes[name]]), "noalias": module.add_metadata(others)}


def _place(context: Any, builder: Any, array_type: Any, array: Any, index: Any) -> Any:
    return builder.gep(context.make_array(array_type)(context, builder, array).data, [index])


def _getter(name: str) -> Any:
    def get(_typing: Any, array: Any, _index: Any) -> Any:
        def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            number = builder.load(_place(context, builder, signature.args[0], *arguments))
            for kind, scope in _scopes(builder.module, name).items():
                number.set_metadata(kind, scope)
            return number

        return types.float64(array, types.uint64), code

    get.__doc__ = f"A number of ``{name}``."
    return intrinsic(get)


def _setter(name: str) -> Any:
    def put(_typing: Any, array: Any, _index: Any, _number: Any) -> Any:
        def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            store = builder.store(arguments[2], _place(context, builder, signature.args[0], arguments[0], arguments[1]))
            for kind, scope in _scopes(builder.module, name).items():
                store.set_metadata(kind, scope)
            return context.get_dummy_value()

        return types.void(array, types.uint64, types.float64), code

    put.__doc__ = f"Write a number to ``{name}``."
    return intrinsic(put)


get_common, get_own, get_after, get_books, get_booked, get_marks, get_work, get_terms, get_reach = (_getter(name) for name in ROWS)
put_common, _, put_after, _, put_booked, put_marks, put_work, put_terms, _ = (_setter(name) for name in ROWS)

_OPTIONS: dict[str, Any] = {"error_model": "numpy", "forceinline": True}


@njit(**_OPTIONS)
def two_to(power: float) -> float:
    """Two to the power of a whole number."""
    return number_of((whole(power) + 1023) << 52)


@njit(**_OPTIONS)
def exponent_of(x: float) -> float:
    """Whole number e of a positive number m * 2**e with m in [1/2, 1)."""
    return as_float((bits_of(x) >> 52) - 1022)


@njit(**_OPTIONS)
def mantissa_of(x: float) -> float:
    """Number m in [1/2, 1) of a positive number m * 2**e."""
    return number_of((bits_of(x) & 0x000FFFFFFFFFFFFF) | 0x3FE0000000000000)


_MASK, _32, _21, _11 = np.uint64(0xFFFFFFFF), np.uint64(32), np.uint64(21), np.uint64(11)
_M0, _M1, _W0, _W1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57), np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)


@njit(**_OPTIONS)
def philox(seed: Any, draw: Any, key: Any, step: Any, channel: Any) -> Any:
    """See :func:`simsme.streams.philox`; everything is an unsigned word of 64 bits."""
    c0, c1, c2 = key & _MASK, key >> _32, draw & _MASK
    c3 = (step * np.uint64(256) + channel) & _MASK
    k0, k1 = seed & _MASK, seed >> _32
    for _ in range(10):
        p0, p1 = c0 * _M0, c2 * _M1
        c0, c1, c2, c3 = ((p1 >> _32) ^ c1) ^ k0, p1 & _MASK, ((p0 >> _32) ^ c3) ^ k1, p0 & _MASK
        k0, k1 = (k0 + _W0) & _MASK, (k1 + _W1) & _MASK
    return c0, c1, c2, c3


@njit(**_OPTIONS)
def unit(high: Any, low: Any) -> Any:
    """A number of 53 bits strictly between 0 and 1 from two words."""
    bits = signed((high << _21) | (low >> _11))
    return least((as_float(bits) + 0.5) * 2.0**-53, 1.0 - 2.0**-53)
