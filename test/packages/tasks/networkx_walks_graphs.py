# with networkx
"""Paths, flows, centralities, colourings, isomorphisms; the same graph read by several threads."""

from concurrent.futures import ThreadPoolExecutor

import networkx as nx

graph = nx.gnp_random_graph(120, 0.06, seed=3)
for u, v in graph.edges:
    graph[u][v]["weight"] = (u * 7 + v * 3) % 11 + 1


def lengths(source):
    return sorted(nx.single_source_dijkstra_path_length(graph, source).items())[-1]


with ThreadPoolExecutor(4) as pool:
    found = list(pool.map(lengths, graph))
print(found[:5], found == list(map(lengths, graph)))
print(nx.number_connected_components(graph), round(nx.average_clustering(graph), 5), nx.shortest_path(graph, 0, 7, "weight"))
print([(k, round(v, 5)) for k, v in sorted(nx.pagerank(graph).items(), key=lambda i: -i[1])[:3]])
print([(k, round(v, 5)) for k, v in sorted(nx.betweenness_centrality(graph).items(), key=lambda i: -i[1])[:3]])
print(sorted(nx.minimum_spanning_tree(graph).edges)[:5], sum(1 for _ in nx.find_cliques(graph)))
flow = nx.DiGraph([("s", "a"), ("s", "b"), ("a", "t"), ("b", "t"), ("a", "b")])
nx.set_edge_attributes(flow, {e: k + 1 for k, e in enumerate(flow.edges)}, "capacity")
print(nx.maximum_flow(flow, "s", "t"), nx.minimum_cut(flow, "s", "t")[0], list(nx.topological_sort(flow)))
print(nx.is_isomorphic(nx.petersen_graph(), nx.relabel_nodes(nx.petersen_graph(), lambda k: (k * 3) % 10)))
print(max(nx.greedy_color(graph).values()), nx.diameter(nx.cycle_graph(9)), nx.is_planar(nx.complete_graph(5)))
print(list(nx.community.greedy_modularity_communities(nx.karate_club_graph()))[0])
print("\n".join(nx.generate_gml(nx.path_graph(2))), nx.to_dict_of_lists(nx.balanced_tree(2, 2)))
for wrong in (lambda: nx.shortest_path(nx.Graph([(1, 2), (3, 4)]), 1, 4), lambda: graph.remove_node(999),
              lambda: list(nx.topological_sort(nx.DiGraph([(1, 2), (2, 1)])))):
    try:
        wrong()
    except nx.NetworkXException as error:
        print(type(error).__name__, error)
