import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { components } from '../../src/hash/components.ts'

type Graph = Record<string, string[]>

describe('components', () => {
  test('come before those that refer to them', () => {
    expect(of({ page: ['style', 'image'], style: ['image'], image: [] })).toEqual([
      ['image'],
      ['style'],
      ['page'],
    ])
  })

  test('hold the members of a cycle together, and a node that refers to itself alone', () => {
    expect(of({ a: ['b'], b: ['c'], c: ['a', 'd'], d: ['d'] })).toEqual([['d'], ['a', 'b', 'c']])
  })

  test('join cycles that share a node', () => {
    expect(of({ a: ['b', 'c'], b: ['a'], c: ['a'] })).toEqual([['a', 'b', 'c']])
  })

  test('of nothing are none', () => {
    expect(of({})).toEqual([])
  })

  test('are the classes of mutual reachability, targets first, in any graph', () => {
    fc.assert(
      fc.property(graphs(), graph => {
        const found = components(graph.keys(), node => graph[node]!)
        expect(found.map(sorted).sort()).toEqual(bruteForce(graph).map(sorted).sort())
        const place = new Map(found.flatMap((members, index) => members.map(node => [node, index] as const)))
        for (const [node, targets] of graph.entries()) {
          for (const target of targets) expect(place.get(target)).toBeLessThanOrEqual(place.get(node)!)
        }
      }),
      { numRuns: 500 },
    )
  })
})

describe('components of 100,000 nodes take less than two seconds', () => {
  const size = 100_000
  test.each<[shape: string, targetsOf: (node: number) => number[], count: number]>([
    ['a chain', node => (node + 1 < size ? [node + 1] : []), size],
    ['a cycle', node => [(node + 1) % size], 1],
    [
      'pairs in a chain',
      node => (node % 2 ? [node - 1] : [node + 1, Math.min(node + 2, size - 1)]),
      size / 2,
    ],
    ['a star', node => (node === 0 ? Array.from({ length: size - 1 }, (_, index) => index + 1) : []), size],
    ['a cycle through one hub', node => (node === 0 ? Array.from({ length: size }, (_, i) => i) : [0]), 1],
  ])('%s', (_shape, targetsOf, count) => {
    const started = performance.now()
    expect(components(Array(size).keys(), targetsOf)).toHaveLength(count)
    expect(performance.now() - started).toBeLessThan(2000)
  })
})

function graphs(): fc.Arbitrary<number[][]> {
  return fc.integer({ min: 1, max: 9 }).chain(size => {
    const targets = fc.uniqueArray(fc.nat(size - 1), { maxLength: 3 })
    return fc.array(targets, { minLength: size, maxLength: size })
  })
}

/** Two nodes belong together where each can be reached from the other. */
function bruteForce(graph: number[][]): number[][] {
  const reach = graph.map((targets, node) => new Set([node, ...targets]))
  for (const _ of graph) {
    for (const known of reach) for (const node of [...known]) for (const next of graph[node]!) known.add(next)
  }
  const classes = graph.map((_, node) => [...reach[node]!].filter(other => reach[other]!.has(node)))
  return [...new Map(classes.map(members => [sorted(members).join(), members])).values()]
}

function sorted<Node>(nodes: Node[]): Node[] {
  return nodes.toSorted()
}

function of(graph: Graph): string[][] {
  return components(Object.keys(graph), node => graph[node]!).map(sorted)
}
