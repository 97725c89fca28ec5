/// <reference types="vite/client" />
import { swapStylesheets } from './stylesheets.ts'
import { allowWorkersOfOtherOrigins } from './workers.ts'

export { adoptStyles } from './stylesheets.ts'

allowWorkersOfOtherOrigins()

import.meta.hot?.on('staticfiles:css', ({ urls }: { urls: string[] }) => swapStylesheets(urls))
