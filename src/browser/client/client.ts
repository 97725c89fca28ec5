/// <reference types="vite/client" />
import { swapStylesheets, watchPage } from './stylesheets.ts'
import { allowWorkersOfOtherOrigins } from './workers.ts'

export { adoptStyles } from './stylesheets.ts'

allowWorkersOfOtherOrigins()
watchPage()

import.meta.hot?.on('staticfiles:css', ({ urls }: { urls: string[] }) => swapStylesheets(urls))
