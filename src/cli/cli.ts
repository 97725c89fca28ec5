#!/usr/bin/env node
const args: readonly string[] = process.argv.slice(2)

// The variables must be set before modules that read them are imported. Output to a file or a pipe has no colours.
if (args.includes('--force-color')) process.env.FORCE_COLOR = '1'
else if (args.includes('--no-color') || (!process.stdout.isTTY && !process.env.FORCE_COLOR))
  process.env.NO_COLOR = '1'

const command: typeof import('./main.ts') = await import('./main.ts')
process.exitCode = await command.main(args)
