#!/usr/bin/env node
const args: readonly string[] = process.argv.slice(2)

// Before anything is imported that looks at them. What goes into a file or a pipe has no colours.
if (args.includes('--force-color')) process.env.FORCE_COLOR = '1'
else if (args.includes('--no-color') || (!process.stdout.isTTY && !process.env.FORCE_COLOR))
  process.env.NO_COLOR = '1'

const command: typeof import('./main.ts') = await import('./main.ts')
process.exitCode = await command.main(args)
