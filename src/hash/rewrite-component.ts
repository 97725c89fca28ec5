import { createHash, hash } from 'node:crypto'
import { type HashMode, storedAs } from '../base/stored-file.ts'
import { defineJob, type Job } from '../base/threads.ts'
import { type Text, textOf } from '../references/parse.ts'
import { urlOf } from '../references/resolve.ts'
import { partsOf, type Rendering, type Rewritten, render } from './render.ts'
import type { RewriteCache } from './rewrite-cache.ts'

/** A file, or the files of a cycle of references. It is plain data, which threads can exchange. */
export interface Component {
  /** The URLs of references inside a cycle are missing: they follow from the contents of all its files. */
  readonly members: readonly Rendering[]
  readonly isCycle: boolean
}

/** What a component was rewritten to. */
export interface RewrittenComponent {
  /** The hash in the names of a cycle's files: an MD5, in hex. */
  readonly digest: string | undefined
  /** In the order of the members. */
  readonly files: readonly Omit<Rewritten, keyof Rendering>[]
}

/** How components are rewritten. */
export interface RewriteOptions {
  readonly mode: HashMode
}

/** A component to rewrite. */
export interface ComponentToRewrite extends Component {
  /** Whether to keep the bytes until they are written. */
  readonly keeps: boolean
}

/** Rewrites a component in any thread. */
export const rewriteJob: Job<ComponentToRewrite, RewriteOptions, RewrittenComponent> = defineJob(
  'rewrite',
  rewriteComponent,
)

/** Renders the files of a component and hashes the results. */
function rewriteComponent(
  { members, isCycle, keeps }: ComponentToRewrite,
  { mode }: RewriteOptions,
): RewrittenComponent {
  const texts = members.map(({ file }) => textOf(file))
  const digest = isCycle ? cycleDigest(members, texts) : undefined
  const files = withUrls(members, digest, mode).map((member, index) => {
    const { bytes, ...rest } = render(member, texts[index])
    return { hash: hash('md5', bytes), size: bytes.length, ...rest, ...(keeps && { bytes }) }
  })
  return { digest, files }
}

/** Adds the URLs of references inside a cycle. */
export function withUrls(
  members: readonly Rendering[],
  digest: string | undefined,
  mode: HashMode,
): readonly Rendering[] {
  if (digest === undefined) return members
  const inside = new Set<string | undefined>(members.map(({ file }) => file.name))
  return members.map(member => {
    const { name: from, rewriting } = member.file
    const urls = rewriting.references.map((resolved, index) =>
      inside.has(resolved.name)
        ? urlOf(resolved, from, storedAs(resolved.name!, digest, mode))
        : member.urls[index],
    )
    return { ...member, urls }
  })
}

/** Returns what an earlier build rewrote a component to. */
export function cachedComponent(
  { members, isCycle }: Component,
  rewrites: RewriteCache,
  mode: HashMode,
): RewrittenComponent | undefined {
  const digest = isCycle ? rewrites.get<string>(cycleParts(members)) : undefined
  if (isCycle && digest === undefined) return undefined
  const cached = withUrls(members, digest, mode).map(member =>
    rewrites.get<RewrittenComponent['files'][number]>(partsOf(member)),
  )
  const files = cached.filter(file => file !== undefined)
  return files.length === cached.length ? { digest, files } : undefined
}

/** Keeps what a component was rewritten to for later builds. */
export function cacheComponent(
  { members }: Component,
  { digest, files }: RewrittenComponent,
  rewrites: RewriteCache,
  mode: HashMode,
): void {
  if (digest !== undefined) rewrites.set(cycleParts(members), digest)
  for (const [index, member] of withUrls(members, digest, mode).entries()) {
    const { bytes, ...facts } = files[index]!
    rewrites.set(partsOf(member), facts)
  }
}

/** Returns all that the digest of a cycle depends on. */
function cycleParts(members: readonly Rendering[]): unknown[] {
  return ['cycle', sorted(members).map(member => [member.file.name, partsOf(member)])]
}

/** Sorts by name, because the order in which files are found must not count. */
function sorted<Member extends Rendering>(members: readonly Member[]): Member[] {
  return members.toSorted((a, b) => (a.file.name < b.file.name ? -1 : 1))
}

/** Returns the MD5 of all members, with the references among them as they are in the sources. */
function cycleDigest(members: readonly Rendering[], texts: readonly Text[]): string {
  const digest = createHash('md5')
  for (const { text, ...member } of sorted(
    members.map((member, index) => ({ ...member, text: texts[index]! })),
  ))
    digest.update(`${member.file.name}\0`).update(render(member, text).bytes).update('\0')
  return digest.digest('hex')
}
