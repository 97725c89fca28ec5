import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { anchorsOf, BLOCKS, KINDS, PAGES, parseBlocks, ROOT, readPage, unknownBlocks } from './pages.ts'

describe('links', () => {
  test.each(PAGES)('of %s lead somewhere', page => {
    expect(brokenLinks(page, readPage(page))).toEqual([])
  })

  test('that lead nowhere are found', () => {
    const text = '[a](README.md) [b](nowhere.md) [c](#nowhere) [d](README.md#options) [e](README.md#nowhere)'
    expect(brokenLinks('x.md', text)).toEqual(['nowhere.md', '#nowhere', 'README.md#nowhere'])
  })
})

function brokenLinks(page: string, text: string): string[] {
  const links = [...text.matchAll(/\]\((?!https?:)([^)\s]+)\)/gu)].map(match => match[1]!)
  return links.filter(link => {
    const [file, anchor] = link.split('#')
    const target = path.posix.join(path.posix.dirname(page), file!)
    if (file !== '' && !existsSync(path.join(ROOT, target))) return true
    return anchor !== undefined && !anchorsOf(file === '' ? text : readPage(target)).includes(anchor)
  })
}

test('README lists every page of docs/', () => {
  const readme = readPage('README.md')
  expect(PAGES.filter(page => page.startsWith('docs/') && !readme.includes(`](${page}`))).toEqual([])
})

describe('the blocks of the pages', () => {
  test('are each run by a test', () => {
    expect(BLOCKS.length).toBeGreaterThan(60)
    expect(unknownBlocks(BLOCKS)).toEqual([])
    for (const [kind, file] of Object.entries(KINDS)) {
      if (!BLOCKS.some(block => block.kind === kind)) continue
      const source = readFileSync(path.join(import.meta.dirname, `${file}.test.ts`), 'utf8')
      expect(source, `test/docs/${file}.test.ts`).toMatch(new RegExp(`block(?:sOf|On)\\([^)]*'${kind}'`, 'u'))
    }
  })

  test('are found where they stand in lists, and are not passed over where no test knows them', () => {
    const text = '# Page\n\n```ruby\nputs 1\n```\n\n1. One\n\n   ```sh\n   ls\n   ```\n\n```\nplain\n```\n'
    const blocks = parseBlocks('x.md', text)
    expect(blocks.map(({ kind, text: content }) => [kind, content])).toEqual([
      ['ruby', 'puts 1\n'],
      ['sh', 'ls\n'],
      ['', 'plain\n'],
    ])
    expect(unknownBlocks(blocks)).toEqual([
      "x.md:3: no test runs a block of the kind 'ruby'",
      "x.md:13: no test runs a block of the kind ''",
    ])
  })

  test('are all found: each fence that opens one also closes it', () => {
    for (const page of PAGES) {
      const fences = readPage(page).match(/^ *(?:```|~~~)/gmu)?.length ?? 0
      expect(fences, page).toBe(2 * BLOCKS.filter(block => block.page === page).length)
    }
  })
})
