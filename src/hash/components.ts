/**
 * Returns the strongly connected components of a graph, each before those that refer to it (Tarjan's algorithm, without
 * recursion). The order of `nodes` decides only about components that do not depend on one another.
 */
export function components<Node>(nodes: Iterable<Node>, targetsOf: (node: Node) => Iterable<Node>): Node[][] {
  const visits = new Map<Node, Visit<Node>>()
  const open: Visit<Node>[] = []
  const found: Node[][] = []
  const enter = (node: Node): Visit<Node> => {
    const visit = {
      node,
      index: visits.size,
      low: visits.size,
      open: true,
      targets: targetsOf(node)[Symbol.iterator](),
    }
    visits.set(node, visit)
    open.push(visit)
    return visit
  }
  for (const start of nodes) {
    const path = visits.has(start) ? [] : [enter(start)]
    for (let visit = path.at(-1); visit !== undefined; visit = path.at(-1)) {
      const next = visit.targets.next()
      if (next.done) {
        path.pop()
        const above = path.at(-1)
        if (above) above.low = Math.min(above.low, visit.low)
        if (visit.low === visit.index) found.push(close(open, visit))
      } else {
        const target = visits.get(next.value)
        if (target === undefined) path.push(enter(next.value))
        else if (target.open) visit.low = Math.min(visit.low, target.index)
      }
    }
  }
  return found
}

interface Visit<Node> {
  readonly node: Node
  readonly index: number
  readonly targets: Iterator<Node>
  low: number
  open: boolean
}

function close<Node>(open: Visit<Node>[], root: Visit<Node>): Node[] {
  const members = open.splice(open.lastIndexOf(root))
  for (const member of members) member.open = false
  return members.map(member => member.node)
}
