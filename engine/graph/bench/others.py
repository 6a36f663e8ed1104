# SPDX-License-Identifier: Apache-2.0
"""Measures networkx and igraph on two edge lists (source,target with headings):
betweenness on the first, Leiden communities on the second. Prints one line of
JSON with seconds; says what is missing if one of the two is not installed."""

import json
import sys
import time


def edges(name):
    with open(name) as f:
        next(f)
        return [tuple(map(int, line.split(","))) for line in f]


def timed(runs, f):
    """The shortest clock and core seconds of so many runs, and the result."""
    clock, core = [], []
    for _ in range(runs):
        start, used = time.perf_counter(), time.process_time()
        result = f()
        clock.append(time.perf_counter() - start)
        core.append(time.process_time() - used)
    return [min(clock), min(core)], result


def main():
    try:
        import igraph
        import networkx
    except ImportError as missing:
        print(json.dumps({"missing": str(missing)}))
        return
    first, second = edges(sys.argv[1]), edges(sys.argv[2])
    a = igraph.Graph(edges=first)
    b = igraph.Graph(edges=second)
    b.simplify()
    g = networkx.Graph(first)
    ig_between, _ = timed(3, a.betweenness)
    ig_leiden, parts = timed(3, lambda: b.community_leiden(objective_function="modularity", n_iterations=2))
    part = len(g) // 10
    nx_part, _ = timed(1, lambda: networkx.betweenness_centrality(g, k=part, seed=1, normalized=False))
    nx_between = [t * len(g) / part for t in nx_part]
    print(json.dumps({
        "networkx_version": networkx.__version__, "igraph_version": igraph.__version__,
        "networkx_betweenness": nx_between, "igraph_betweenness": ig_between,
        "igraph_leiden": ig_leiden, "igraph_modularity": b.modularity(parts),
    }))


main()
