import { createHash, hash } from 'node:crypto'
import { type HashMode, storedAs } from '../base/stored-file.ts'
import { defineJob, type Job } from '../base/threads.ts'
import { type Text, textOf } from '../references/parse.ts'
import { urlOf } from '../references/resolve.ts'
import { partsOf, type Rendering, type Rewritten, render } from './render.ts'
import type { RewriteCache } from './rewrite-cache.ts'

/** A file, or files that refer to one another in a cycle: data that can go from one thread to another. */
export interface Component {
  /** Of references inside a cycle the URLs are missing: they follow from the contents of all its files. */
  readonly members: readonly Rendering[]
  readonly isCycle: boolean
}

/** What came of a component. */
export interface RewrittenComponent {
  /** What names the files of a cycle: an MD5, in hex. */
  readonly digest: string | undefined
  /** In the order of the members. */
  readonly files: readonly Omit<Rewritten, keyof Rendering>[]
}

/** How components are rewritten. */
export interface RewriteOptions {
  readonly mode: HashMode
}

/** A component that is to be rewritten. */
export interface ComponentToRewrite extends Component {
  /** Whether the bytes are to be kept for writing. */
  readonly keeps: boolean
}

/** {@link rewriteComponent} in any thread. */
export const rewriteJob: Job<ComponentToRewrite, RewriteOptions, RewrittenComponent> = defineJob(
  'rewrite',
  rewriteComponent,
)

/** Renders a component and hashes what comes of it. */
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

/** Gives references inside a cycle their URLs. */
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

/** What came of a component in an earlier build. */
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

/** Keeps what came of a component for later builds. */
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

/** All that the digest of a cycle depends on. */
function cycleParts(members: readonly Rendering[]): unknown[] {
  return ['cycle', sorted(members).map(member => [member.file.name, partsOf(member)])]
}

/** The order of listing does not count. */
function sorted<Member extends Rendering>(members: readonly Member[]): Member[] {
  return members.toSorted((a, b) => (a.file.name < b.file.name ? -1 : 1))
}

/** The MD5 of all members with the references among them as they were written. */
function cycleDigest(members: readonly Rendering[], texts: readonly Text[]): string {
  const digest = createHash('md5')
  for (const { text, ...member } of sorted(
    members.map((member, index) => ({ ...member, text: texts[index]! })),
  ))
    digest.update(`${member.file.name}\0`).update(render(member, text).bytes).update('\0')
  return digest.digest('hex')
}
