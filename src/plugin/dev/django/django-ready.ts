import { setTimeout as sleep } from 'node:timers/promises'
import colors from 'picocolors'
import type { DevServer } from '../dev-server.ts'
import { describeKeptTemplates, serverThatKeepsTemplates } from './django-server.ts'
import { untilDown, untilUp } from './django-up.ts'

/** What Django does after a change: it forgets the templates that it has parsed, or starts a new process. */
export type Step = 'templates' | 'restart'

/**
 * How long Django may keep parsed templates, in milliseconds. It keeps them until runserver, which checks its files each
 * second, sees the change. A page that reloads earlier would show the old text.
 */
const TEMPLATES_ARE_READ = 1300

/** How long it may take until runserver leaves its port for a moment after a module has changed, in milliseconds. */
const GOES_DOWN = 2500

/** How long to wait for a Django whose origin is unknown, in milliseconds. */
const SOMEWHERE = 500

/** How long to wait for Django before checking whether the reload is still needed, in milliseconds. */
const SLICE = 1000

/** The number of slices after which the terminal says what the reload waits for. */
const SLOW = 5

/** Waits until Django has done some steps, or until a newer reload waits for it. */
export async function djangoIsReady(
  steps: ReadonlySet<Step>,
  dev: DevServer,
  isCurrent: () => boolean,
): Promise<void> {
  if (steps.has('restart')) await untilRestarted(dev, isCurrent)
  else if (steps.has('templates')) await untilTemplatesAreRead(dev, isCurrent)
}

async function untilTemplatesAreRead(dev: DevServer, isCurrent: () => boolean): Promise<void> {
  const { djangoOrigin } = dev
  const server = djangoOrigin && (await serverThatKeepsTemplates(djangoOrigin))
  if (!server) return sleep(TEMPLATES_ARE_READ)
  dev.warnOnce(describeKeptTemplates(server))
  // It may be a server that was started with an option to restart for templates too.
  return untilRestarted(dev, isCurrent)
}

/** Waits until Django has restarted. If its code has an error, it stays down until that is fixed, and no page reloads. */
async function untilRestarted({ djangoOrigin, server }: DevServer, isCurrent: () => boolean): Promise<void> {
  if (djangoOrigin === undefined) return sleep(SOMEWHERE)
  await untilDown(djangoOrigin, GOES_DOWN)
  for (let slices = 1; isCurrent() && !(await untilUp(djangoOrigin, SLICE)); slices++) {
    if (slices === SLOW && isCurrent()) {
      const message = `Django at ${djangoOrigin} is not back yet: pages reload when it is.`
      server.config.logger.warn(colors.yellow(message), { timestamp: true })
    }
  }
}
