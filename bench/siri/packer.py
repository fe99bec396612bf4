# Measures SiriDB's Python packer: packer.py decode KIND POINTS < the data, or
# packer.py encode KIND POINTS. Prints what one run cost, in ns.
import json
import math
import sys
import time

import qpack

SERIES, FIRST = 1000, 1700000000000
task, kind, points = sys.argv[1], sys.argv[2], int(sys.argv[3])
each = points // SERIES
value = {
    'floats': lambda i: math.sqrt(i + 2),
    'integers': lambda i: (i + 1) << 20,
    'strings': lambda i: 'value %d' % i,
}[kind]
tree = {'series-%06d' % s: [[FIRST + i, value(i)] for i in range(each)] for s in range(SERIES)}


def measure(f, arg):
    f(arg)
    cpu, wall = time.process_time_ns(), time.perf_counter_ns()
    result = f(arg)
    wall, cpu = time.perf_counter_ns() - wall, time.process_time_ns() - cpu
    return result, {'Rows': points, 'CPU': cpu, 'Wall': wall}


if task == 'decode':
    data = sys.stdin.buffer.read()
    want, tree = tree, None
    got, figures = measure(lambda d: qpack.unpackb(d, decode='utf-8'), data)
    assert got == want, 'another result'
else:
    got, figures = measure(qpack.packb, tree)
    assert qpack.unpackb(got, decode='utf-8') == tree, 'another result'
print(json.dumps(figures))
