// The product over a data directory, going on with the forecast that is there until it is killed. argv:
// folder. For tests of what a restart makes of forecasts.

import { openCrashApp } from './search-crash.ts'

const [folder] = process.argv.slice(2)
if (import.meta.main) {
  await openCrashApp(folder!)
  process.stdout.write('open\n')
}
