import { setTimeout as sleep } from 'node:timers/promises'
import colors from 'picocolors'
import type { DevServer } from '../dev-server.ts'
import { describeKeptTemplates, serverThatKeepsTemplates } from './django-server.ts'
import { untilDown, untilUp } from './django-up.ts'

/** What Django does after a change: it forgets the templates that it has parsed, or starts a new process. */
export type Step = 'templates' | 'restart'

/**
 * In milliseconds: Django keeps parsed templates until runserver, which looks at its files each second, sees that one
 * has changed. A page that is loaded before would show the old text.
 */
const TEMPLATES_ARE_READ = 1300

/** In milliseconds: runserver then leaves its port for a moment where a module has changed. */
const GOES_DOWN = 2500

/** In milliseconds: for a Django that nobody has told the place of. */
const SOMEWHERE = 500

/** In milliseconds: for how long Django is asked before it is seen whether anybody still waits. */
const SLICE = 1000

/** After so many slices the terminal says what is waited for. */
const SLOW = 5

/** Waits until Django has done some steps, or until what waits for it is wanted no more. */
export async function djangoIsReady(
  steps: ReadonlySet<Step>,
  dev: DevServer,
  isWanted: () => boolean,
): Promise<void> {
  if (steps.has('restart')) await untilRestarted(dev, isWanted)
  else if (steps.has('templates')) await untilTemplatesAreRead(dev, isWanted)
}

async function untilTemplatesAreRead(dev: DevServer, isWanted: () => boolean): Promise<void> {
  const { djangoOrigin } = dev
  const server = djangoOrigin && (await serverThatKeepsTemplates(djangoOrigin))
  if (!server) return sleep(TEMPLATES_ARE_READ)
  dev.warnOnce(describeKeptTemplates(server))
  // It may have been started so that it restarts for templates, too.
  return untilRestarted(dev, isWanted)
}

/** Django whose code does not run stays down until that is mended: nothing may reload a page before. */
async function untilRestarted({ djangoOrigin, server }: DevServer, isWanted: () => boolean): Promise<void> {
  if (djangoOrigin === undefined) return sleep(SOMEWHERE)
  await untilDown(djangoOrigin, GOES_DOWN)
  for (let slices = 1; isWanted() && !(await untilUp(djangoOrigin, SLICE)); slices++) {
    if (slices === SLOW && isWanted()) {
      const message = `Django at ${djangoOrigin} is not back yet: pages reload when it is.`
      server.config.logger.warn(colors.yellow(message), { timestamp: true })
    }
  }
}
