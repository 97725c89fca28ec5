import { interruptible } from '../../base/interruption.ts'
import { nearby } from '../../base/text/wording.ts'
import type { Options } from '../../options/options.ts'
import type { Arguments, Command } from '../arguments.ts'
import { openProject } from '../project.ts'

/** Runs `vite build` with the flags of Django's `collectstatic`. */
export const collectCommand: Command = {
  name: 'collect',
  takes: '',
  summary: 'fill STATIC_ROOT: `vite build`, with the flags of `manage.py collectstatic`',
  description:
    'Fills STATIC_ROOT as `vite build` does: collects, bundles the entries, hashes, compresses, and writes the manifest.\n' +
    'The flags are those of `manage.py collectstatic`. What is in STATIC_ROOT already stays, unless --clear is given or the\n' +
    'Vite configuration sets build.emptyOutDir.',
  flags: {
    noinput: { type: 'boolean', help: 'accepted, as Django has it: it never asks' },
    'no-input': { type: 'boolean', help: 'the same' },
    ignore: {
      type: 'string',
      short: 'i',
      multiple: true,
      value: 'PATTERN',
      help: 'leave out files of this name or pattern; may be given several times',
    },
    'dry-run': { type: 'boolean', short: 'n', help: 'check and report everything, write nothing' },
    clear: { type: 'boolean', short: 'c', help: 'empty STATIC_ROOT first' },
    link: { type: 'boolean', short: 'l', help: 'link to sources instead of copying them' },
    'no-default-ignore': {
      type: 'boolean',
      help: "also collect what is ignored by default: 'CVS', '.*', '*~'",
    },
    'no-post-process': { type: 'boolean', help: 'neither hash names nor compress' },
  },
  async run(given) {
    const { vite, config, plugin } = await openProject(given, {
      options: options => collectOptions(options, given),
      config: user => ({ build: { emptyOutDir: given.has('clear') || (user.build?.emptyOutDir ?? false) } }),
    })
    await interruptible(() => vite.build(config))
    if (given.verbosity >= 2) {
      for (const { outputName, source } of plugin().files()) {
        console.log(`${outputName}  ${nearby(source)}`)
      }
    }
    return true
  },
}

function collectOptions(options: Options, given: Arguments): Options {
  const patterns = given.values('ignore')
  return {
    ...(patterns.length > 0 && { ignore: [...(options.ignore ?? []), ...patterns] }),
    ...(given.has('dry-run') && { dryRun: true }),
    ...(given.has('link') && { link: 'symbolic' }),
    ...(given.has('no-default-ignore') && { defaultIgnore: false }),
    ...(given.has('no-post-process') && { hash: false, compress: false }),
    ...(given.verbosity >= 2 && options.conflicts !== 'error' && { conflicts: 'list' }),
  }
}
