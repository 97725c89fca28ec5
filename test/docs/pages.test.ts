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

test('README lists every page of docs/, and the decisions by their list', () => {
  const readme = readPage('README.md')
  const pages = PAGES.filter(page => /^docs\/(?:[^/]+|decisions\/README)\.md$/u.test(page))
  expect(pages.length).toBeGreaterThan(20)
  expect(pages.filter(page => !readme.includes(`](${page}`))).toEqual([])
})

describe('the decisions', () => {
  const pages = PAGES.filter(page => /^docs\/decisions\/\d/u.test(page))

  test('are numbered one by one, in their file names and titles', () => {
    expect(pages.length).toBeGreaterThan(20)
    expect(pages.map(numbersOf)).toEqual(pages.map((_, index) => [index + 1, index + 1]))
  })

  test('are listed under their titles', () => {
    const rows = pages.map(page => {
      const [, number, title] = /^# (\d+)\. (.+)$/mu.exec(readPage(page))!
      return `| ${number} | [${title}](${path.posix.basename(page)}) |`
    })
    const list = readPage('docs/decisions/README.md').split('\n')
    expect(list.filter(line => /^\| \d/u.test(line))).toEqual(rows)
  })

  test.each(pages)('%s says the context and the decision, and what else there is in this order', page => {
    const headings = [...readPage(page).matchAll(/^## (.+)$/gmu)].map(match => match[1]!)
    const order = ['Context', 'Decision', 'Measured', 'Consequences']
    expect(headings.slice(0, 2)).toEqual(order.slice(0, 2))
    expect(headings).toEqual(order.filter(heading => headings.includes(heading)))
  })
})

/** `docs/decisions/0012-….md` with the title `# 12. …` → `[12, 12]` */
function numbersOf(page: string): [file: number, title: number] {
  const number = (pattern: RegExp, text: string) => Number(pattern.exec(text)?.[1])
  return [number(/(\d{4})-/u, page), number(/^# (\d+)\. /u, readPage(page))]
}

describe('the files that pages for developers name', () => {
  const pages = PAGES.filter(page => /^(?:CONTRIBUTING|docs\/design|docs\/decisions\/.*)\.md$/u.test(page))

  test.each(pages)('%s: exist', page => {
    expect(missingFiles(readPage(page))).toEqual([])
  })

  test('are found in code spans and commands, and are missed if they do not exist', () => {
    const text =
      '`src/index.ts` `options/options.ts` `options/nowhere.ts` `npx vitest run test/none.test.ts` `src/none/` `polls/a.ts`'
    expect(missingFiles(text)).toEqual(['options/nowhere.ts', 'test/none.test.ts', 'src/none/'])
  })
})

/** What starts with a folder of the repository, or of `src/`, and leads nowhere. */
function missingFiles(text: string): string[] {
  const words = [...text.matchAll(/`([^`\n]+)`/gu)].flatMap(match => match[1]!.split(' '))
  const files = words.filter(word => /^\.?[a-z][\w.-]*\/(?:[\w.-]+\/)*(?:[\w.-]+\.\w+)?$/u.test(word))
  return files.filter(file => {
    const folders = ['', 'src'].filter(folder => existsSync(path.join(ROOT, folder, file.split('/')[0]!)))
    return folders.length > 0 && !folders.some(folder => existsSync(path.join(ROOT, folder, file)))
  })
}

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
