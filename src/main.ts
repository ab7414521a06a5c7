// The executable's door: hands the arguments to the command line, and what only app.ts can build.

// oxlint-disable-next-line import/no-unassigned-import -- it speaks by being imported first
import '#cli/require-node.ts'
import { runProcess } from '#cli/process.ts'
import { openHouse, startApp } from './app.ts'

void runProcess({ startApp, openHouse })
