/**
 * Maps `items` with at most `limit` calls of `map` at once; the results keep the order of the items. After a failure no
 * item is started, and running ones finish before the first failure is thrown.
 * @param isHuge tells which items need so much memory that only one of them may run at a time; these come first
 */
export async function mapConcurrently<Item, Result>(
  items: readonly Item[],
  limit: number,
  map: (item: Item) => Promise<Result>,
  isHuge: (item: Item) => boolean = () => false,
): Promise<Result[]> {
  const results: Result[] = new Array(items.length)
  const failures: unknown[] = []
  const all = [...items.keys()]
  const huge = all.filter(index => isHuge(items[index] as Item)).values()
  const others = all.filter(index => !isHuge(items[index] as Item)).values()

  async function workOn(indices: Iterable<number>): Promise<void> {
    for (const index of indices) {
      if (failures.length > 0) return
      try {
        results[index] = await map(items[index] as Item)
      } catch (error) {
        failures.push(error)
      }
    }
  }
  async function lane(_: unknown, index: number): Promise<void> {
    if (index === 0) await workOn(huge)
    await workOn(others)
  }
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, lane))
  if (failures.length > 0) throw failures[0]
  return results
}
